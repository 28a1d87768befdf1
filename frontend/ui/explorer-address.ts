/** A query in the address of the explorer: behind the #, which no browser sends, so that no log has it. */
export const EXPLORER = '/explorer';

export type Asked = { query: string; variables: string };

export function explorerPath({ query, variables }: Asked): string {
  return `${EXPLORER}#${new URLSearchParams({ query, variables })}`;
}

/** Null where the part behind the # names no query. */
export function readFragment(hash: string): Asked | null {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const query = params.get('query');
  return query === null ? null : { query, variables: params.get('variables') ?? '{}' };
}
