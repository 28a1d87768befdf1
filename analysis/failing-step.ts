/** In which step of the source's own account a job failed: the innermost of the last that failed. */
type Step = { name: string; result: string; startLogLine: number | null; endLogLine: number | null };

export type FailingStep = { name: string; line: number | null };

/** The job itself, and what is done after any failure. */
const NO_STEP = new Set(['job', 'finalize', 'power-off', 'read-feedback', 'cleanup']);

/** Steps in their order. LAVA tells a failing step before those it is a part of, and tries of a step one after the other. */
export function failingStep(steps: Iterable<Step>): FailingStep | null {
  let failing: FailingStep | null = null;
  let isAfterFailure = false;
  for (const { name, result, startLogLine, endLogLine } of steps) {
    if (NO_STEP.has(name)) continue;
    if (result === 'FAIL' && !isAfterFailure) failing = { name, line: endLogLine ?? startLogLine };
    isAfterFailure = result === 'FAIL';
  }
  return failing;
}
