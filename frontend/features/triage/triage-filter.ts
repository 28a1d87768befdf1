import type { FailureGroupFilter, TriageState } from '../../graphql/graphql.ts';
import type { Field, Filters, SearchParams } from '../../ui/filter.ts';
import { known } from '../../ui/filter.ts';
import { failureFields, sinceOf, toFailureFilter } from '../failure/failure-filter.ts';
import { STATES, WORDS } from './triage-words.ts';

/** Shown unless another day is asked for: this one and those before it. */
const DAYS = 7;

/** Every filter of the triage page: those of the failures page, and what somebody has said. */
export function triageFields(labs: readonly string[], types: readonly string[]): Field[] {
  const said = STATES.map((state) => ({ value: WORDS[state], label: WORDS[state] }));
  return [{ key: 'said', label: 'said to be', kind: 'many', options: said }, ...failureFields(labs, types)];
}

export const TRIAGED: Filters = { said: STATES.map((state) => WORDS[state]) };

export function triageSince(fields: readonly Field[], filters: Filters, now = new Date()): string {
  return sinceOf(fields, filters, now, DAYS);
}

export function toTriageFilters(fields: readonly Field[], filters: Filters, now = new Date()) {
  const since = triageSince(fields, filters, now);
  const all: FailureGroupFilter = toFailureFilter(fields, { ...filters, since: [since] });
  const states = known(fields, filters, 'said')?.flatMap<TriageState>(
    (word) => STATES.find((state) => WORDS[state] === word) ?? [],
  );
  return {
    all,
    done: { ...all, triaged: true },
    filter: { ...all, ...(states ? { triage: states } : { triaged: false }) },
  };
}

/** What the form that led here has done or was refused. */
export function outcomeOf(params: SearchParams): { done: string[]; refused: string | null } {
  return { done: [params.done ?? []].flat().slice(0, 100), refused: [params.refused].flat()[0] ?? null };
}
