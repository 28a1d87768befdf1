/** A name in a form: the fields of the form are the keys of the address, so that it can be tried without script. */
import type { AliasKeyInput, AliasKind } from '@/graphql/graphql.ts';
import { namesPath } from '@/paths.ts';

export type Draft = { kind: AliasKind; lab: string; name: string; alias: string };

export function readDraft(given: { get(key: string): unknown }): Draft {
  const of = (key: string) => {
    const value = given.get(key);
    return typeof value === 'string' ? value.trim() : '';
  };
  const kind = of('kind') === 'SUBMITTER' ? 'SUBMITTER' : 'DEVICE_TYPE';
  return { kind, lab: of('lab'), name: of('name'), alias: of('alias') };
}

export const toKey = ({ kind, lab, name }: Draft): AliasKeyInput => ({ kind, name, source: lab || null });

export function draftHref({ kind, lab, name, alias }: Draft): string {
  return `${namesPath({ kind, name, alias, ...(lab && { lab }) })}#draft`;
}
