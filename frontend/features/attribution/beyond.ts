/** Lists hold what was counted and more, and the number in the sentence is not theirs. */
export function beyond(url: string): string {
  if (url.startsWith('/jobs?')) return ' Jobs behind it.';
  return url.startsWith('/tests/') ? ' History of the test.' : '';
}
