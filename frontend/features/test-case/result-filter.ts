import { jobFields, toJobFilter } from '@/features/job/job-filter.ts';
import type { TestCaseFilter, TestResult } from '@/graphql/graphql.ts';
import { type Field, type Filters, known } from '@/ui/filter.ts';

const RESULTS: Record<string, TestResult> = { Fail: 'FAIL', Pass: 'PASS', Skip: 'SKIP', Unknown: 'UNKNOWN' };

/** Every filter of the results page: what a result says, and those of its job. */
export function resultFields(labs: readonly string[], types: readonly string[]): Field[] {
  const options = Object.keys(RESULTS).map((value) => ({ value, label: value }));
  return [{ key: 'result', label: 'result', kind: 'many', options }, ...jobFields(labs, types)];
}

export function toResultFilter(fields: readonly Field[], filters: Filters): TestCaseFilter {
  return {
    job: toJobFilter(fields, filters),
    suite: known(fields, filters, 'suite')?.[0],
    result: known(fields, filters, 'result')?.flatMap((value) => RESULTS[value] ?? []),
  };
}
