import type { Transition } from '@/graphql/graphql.ts';
import { compareJobsPath } from '@/paths.ts';
import type { SearchParams } from '@/ui/filter.ts';
import { toTransition, wordsOf } from './transitions.ts';

/** What the address of two jobs says; a job is "lab/number". */
export type JobsAsked = {
  base?: string;
  target?: string;
  /** Lines at which the comparison of their logs begins. */
  baseFrom: number;
  targetFrom: number;
  show: Transition;
  after?: string;
  before?: string;
};

export function readJobs(params: SearchParams): JobsAsked {
  const one = (key: string) => [params[key]].flat()[0]?.trim() || undefined;
  const line = (key: string) => (/^\d{1,9}$/.test(one(key) ?? '') ? Number(one(key)) : 0);
  return {
    base: one('base'),
    target: one('target'),
    baseFrom: line('baseFrom'),
    targetFrom: line('targetFrom'),
    show: toTransition(one('show')) ?? 'PASS_TO_FAIL',
    after: one('after'),
    before: one('before'),
  };
}

/** The address of the same two jobs with changes; a place in the list is kept only if it is among them. */
export function jobsAddress(asked: JobsAsked, changes: Partial<JobsAsked> = {}): string {
  const { baseFrom, targetFrom, show, ...rest } = { ...asked, after: undefined, before: undefined, ...changes };
  return compareJobsPath({
    ...rest,
    baseFrom: baseFrom > 0 ? String(baseFrom) : undefined,
    targetFrom: targetFrom > 0 ? String(targetFrom) : undefined,
    show: show === 'PASS_TO_FAIL' ? undefined : wordsOf(show).key,
  });
}

/** "alpha/87" as the API asks for it; null for what is no job. */
export function toJobRef(text: string | undefined): { source: string; externalId: string } | null {
  const [, source, externalId] = /^([^/]+)\/(.+)$/.exec(text ?? '') ?? [];
  return source !== undefined && externalId !== undefined ? { source, externalId } : null;
}
