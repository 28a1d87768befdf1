/** Whether a known issue explains a failed job or a failed test. All that its rule says must hold; what is null does not matter. */
import { matchesGlob } from './glob.ts';
import type { LinearPattern } from './linear-pattern.ts';

/** Device type, suite and name are globs; patterns are RE2's. */
export type IssueRule = {
  source: string | null;
  project: string | null;
  deviceType: string | null;
  suite: string | null;
  /** Of a test, with its set where it has one: net/ping. */
  name: string | null;
  errorPattern: string | null;
  logPattern: string | null;
  /** Microseconds: what ended then or later is not explained. */
  expiresAt: number | null;
};

/** Its patterns as they are run; null where it has none. */
export type CompiledRule = IssueRule & { error: LinearPattern | null; log: LinearPattern | null };

export type Place = { source: string; project: string | null };
export type FailedJob = {
  deviceType: string;
  /** Microseconds: its end, its submission where it has none. */
  at: number;
  /** It was not canceled, and did not complete. */
  hasFailed: boolean;
  errorMessage: string | null;
};
export type FailedTest = { suite: string; set: string | null; name: string };

/** One that names tests explains failed tests, any other failed jobs: never both. */
export function isOfTests({ suite, name }: IssueRule): boolean {
  return suite !== null || name !== null;
}

/** Is the job in its place? */
export function isAt({ source, project }: IssueRule, place: Place): boolean {
  return (source === null || source === place.source) && (project === null || project === place.project);
}

/** May it explain the job, or tests of it, by all but place, tests and log? */
export function fitsJob(rule: CompiledRule, { deviceType, at, hasFailed, errorMessage }: FailedJob): boolean {
  return (
    (rule.expiresAt === null || at < rule.expiresAt) &&
    (isOfTests(rule) || hasFailed) &&
    (rule.deviceType === null || matchesGlob(rule.deviceType, deviceType)) &&
    (rule.error === null || (errorMessage !== null && rule.error.test(errorMessage)))
  );
}

/** Does it explain a failed test of a job that fits and whose log has the pattern? */
export function explainsTest({ suite, name }: IssueRule, test: FailedTest): boolean {
  const full = test.set === null ? test.name : `${test.set}/${test.name}`;
  return (suite === null || matchesGlob(suite, test.suite)) && (name === null || matchesGlob(name, full));
}
