/** What was read of a job when its log was at hand: from it alone follow its failure groups, also once the log is gone. */
import { type FailingStep, failingStep } from '#analysis/failing-step.ts';
import type { KernelFault } from '#analysis/kernel-fault.ts';
import type { CaseRecord, FailureClass, SuiteRecord } from '#schema/records.ts';
import type { Sql } from './store.ts';
import { fromStored, toStored } from './text.ts';

export type FailureFacts = { step: FailingStep | null; faults: readonly KernelFault[] };

/** Of a job that failed; the others have none that says anything. */
export function stepOf(failureClass: FailureClass, suites: readonly SuiteRecord[]): FailingStep | null {
  return hasStep(failureClass) ? failingStep(stepsOf(suites)) : null;
}

export function hasStep(failureClass: FailureClass): boolean {
  return failureClass !== 'NONE' && failureClass !== 'CANCELED';
}

function* stepsOf(suites: readonly SuiteRecord[]): Generator<CaseRecord> {
  for (const { isSteps, cases } of suites) if (isSteps) yield* cases;
}

export async function readFacts(sql: Sql, jobId: number): Promise<FailureFacts | null> {
  const row = await sql.get<{ facts: string }>('SELECT facts FROM job_failure WHERE job_id = ?', jobId);
  return row ? parseFacts(row.facts) : null;
}

/** Null: nothing was kept of the job. */
export function parseFacts(stored: string | null): FailureFacts {
  return stored === null ? { step: null, faults: [] } : JSON.parse(fromStored(stored));
}

export async function saveFacts(sql: Sql, job: { id: number; envId: number }, facts: FailureFacts): Promise<void> {
  if (facts.step === null && facts.faults.length === 0) return;
  await sql.run(
    'INSERT INTO job_failure (job_id, env_id, facts) VALUES (?, ?, ?)',
    ...[job.id, job.envId, toStored(JSON.stringify(facts))],
  );
}
