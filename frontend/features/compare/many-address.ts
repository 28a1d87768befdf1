import type { Transition } from '../../graphql/graphql.ts';
import { comparePath } from '../../paths.ts';
import type { SearchParams } from '../../ui/filter.ts';
import { toTransition, wordsOf } from './transitions.ts';

/** What the address of a comparison of many sides says: every build in every lab on every kind of board named. */
export type ManyAsked = {
  project: string;
  /** The newest when none is named. */
  builds: readonly string[];
  labs: readonly string[];
  types: readonly string[];
  show: Transition;
  /** Place of the side whose changes are listed; those of all sides without. */
  side?: number;
  suite?: string;
  after?: string;
  before?: string;
};

export type SideName = { version: string; source?: string; deviceType?: string };

/** More are not compared. */
export const MOST_SIDES = 6;
const LETTERS = 'ABCDEF';

export function letterOf(side: number): string {
  return LETTERS[side] ?? '';
}

/** Null when the address asks for no such thing. */
export function readMany(params: SearchParams): ManyAsked | null {
  const all = (key: string) => [...new Set([params[key] ?? []].flat().filter((value) => value !== ''))];
  const [project] = all('project');
  const [builds, labs, types] = [all('build'), all('lab'), all('type')];
  if (project === undefined || (builds.length === 0 && labs.length < 2 && types.length < 2)) return null;
  const side = LETTERS.indexOf(all('of')[0] ?? 'A');
  return {
    ...{ project, builds, labs, types },
    show: toTransition(all('show')[0]) ?? 'PASS_TO_FAIL',
    side: side > 0 ? side : undefined,
    suite: all('suite')[0],
    after: all('after')[0],
    before: all('before')[0],
  };
}

/** Builds first, then labs, then kinds of boards. */
export function sidesOf({ builds, labs, types }: ManyAsked): SideName[] {
  const each = (list: readonly string[]): readonly (string | undefined)[] => (list.length > 0 ? list : [undefined]);
  return builds.flatMap((version) =>
    each(labs).flatMap((source) => each(types).map((deviceType) => ({ version, source, deviceType }))),
  );
}

/** The address of the same comparison with changes; a place in the list is kept only if it is among them. */
export function manyAddress(asked: ManyAsked, changes: Partial<ManyAsked> = {}): string {
  const { project, builds, labs, types, show, side, suite, after, before } = {
    ...{ ...asked, after: undefined, before: undefined },
    ...changes,
  };
  return comparePath({
    ...{ project, build: builds, lab: labs, type: types, suite, after, before },
    show: show === 'PASS_TO_FAIL' ? undefined : wordsOf(show).key,
    of: side === undefined ? undefined : letterOf(side),
  });
}
