/** What every client has to get out of a server: the same. */

/** A request that the client made over HTTP. */
export type Sent = { hasQuery: boolean; hash: string | undefined };

export type Seen = {
  /** Numbers of the jobs of the first page, and of the next. */
  pages: string[][];
  /** Of the first job, asked by its id. */
  health: string | undefined;
  /** Codes of what is wrong with a page after a cursor that is none. */
  codes: unknown[];
};

export const FIRST = 2;
export const NO_CURSOR = 'nonsense';

/** `fetch` that remembers what was sent. */
export function remembering(sent: Sent[]): typeof fetch {
  return (input, init) => {
    if (typeof init?.body === 'string') {
      const { query, extensions } = JSON.parse(init.body);
      sent.push({ hasQuery: typeof query === 'string', hash: extensions?.persistedQuery?.sha256Hash });
    }
    return fetch(input, init);
  };
}

export const numbersOf = (edges: readonly { node: { externalId: string } }[]) =>
  edges.map(({ node }) => node.externalId);

/** The value, which the server always gives. */
export function given<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`the client was given no ${what}`);
  return value;
}
