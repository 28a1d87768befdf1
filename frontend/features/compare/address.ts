import type { Transition } from '@/graphql/graphql.ts';
import { comparePath } from '@/paths.ts';
import type { SearchParams } from '@/ui/filter.ts';
import { toTransition, wordsOf } from './transitions.ts';

/** What the address of a comparison says. Empty fields of a form are as good as none. */
export type Asked = {
  project?: string;
  base?: string;
  target?: string;
  baseLab?: string;
  targetLab?: string;
  /** Kinds of boards. */
  baseType?: string;
  targetType?: string;
  show: Transition | null;
  suite?: string;
  type?: string;
  /** Everything that one side ran alone, not the beginning. */
  differences?: string;
  after?: string;
  before?: string;
};

export function readAsked(params: SearchParams): Asked {
  const one = (key: string) => [params[key]].flat()[0] || undefined;
  return {
    project: one('project'),
    base: one('base'),
    target: one('target'),
    baseLab: one('baseLab'),
    targetLab: one('targetLab'),
    baseType: one('baseType'),
    targetType: one('targetType'),
    show: toTransition(one('show')),
    suite: one('suite'),
    type: one('type'),
    differences: one('differences'),
    after: one('after'),
    before: one('before'),
  };
}

/** The address of the same comparison with changes; a place in a list is kept only if it is among them. */
export function addressOf(asked: Asked, changes: Partial<Asked> = {}): string {
  const { show, ...rest } = { ...asked, after: undefined, before: undefined, ...changes };
  return comparePath({ ...rest, show: show ? wordsOf(show).key : undefined });
}

export function swapped(asked: Asked): string {
  const { base, target, baseLab, targetLab, baseType, targetType } = asked;
  return addressOf(asked, {
    ...{ base: target, baseLab: targetLab, baseType: targetType },
    ...{ target: base, targetLab: baseLab, targetType: baseType },
  });
}

/** The builds, labs and kinds of boards of both sides, each once. */
export function manyNamesOf({ base, target, baseLab, targetLab, baseType, targetType }: Asked) {
  const each = (...names: readonly (string | undefined)[]) => [...new Set(names.flatMap((name) => name ?? []))];
  return { builds: each(base, target), labs: each(baseLab, targetLab), types: each(baseType, targetType) };
}
