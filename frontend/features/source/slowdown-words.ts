/** That the master is slow, and what is done about it; null while it is not. */
export function slowdownInWords(slowdown: number | null): string | null {
  if (slowdown === null) return null;
  const times = slowdown < 10 ? slowdown.toFixed(1) : Math.round(slowdown);
  return `It takes ${times} times its usual time to answer, so it is asked one thing at a time, with rests.`;
}
