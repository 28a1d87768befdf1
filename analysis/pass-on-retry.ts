/** Did a test pass when run again on what it had failed on? The surest sign of a flake. */
export type Attempt = {
  /** What was tested: results of the same revision differ by chance alone. */
  revision: string;
  /** Any unit, rising. */
  at: number;
  passed: boolean;
};

/** Revisions, in order of first appearance, of which a failure was followed by a pass. */
export function passedOnRetry(attempts: readonly Attempt[]): string[] {
  const inOrder = [...attempts].sort((a, b) => a.at - b.at);
  return [...Map.groupBy(inOrder, ({ revision }) => revision)].flatMap(([revision, tries]) => {
    const failed = tries.findIndex(({ passed }) => !passed);
    return failed >= 0 && tries.slice(failed).some(({ passed }) => passed) ? [revision] : [];
  });
}
