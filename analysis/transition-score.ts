/** Buildkite's transition count score: changes of verdict among the last `window` runs (newest last), over the window, 0 to 1. */
export function transitionScore(passed: readonly boolean[], window: number): number {
  const last = passed.slice(-window);
  return last.filter((pass, i) => i > 0 && pass !== last[i - 1]).length / window;
}
