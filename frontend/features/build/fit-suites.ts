/** A page of the matrix, cut to what a browser draws at once. */
type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor?: string | null;
  endCursor?: string | null;
};
type Suites = {
  pageInfo: PageInfo;
  edges: readonly { cursor: string }[];
  nodes: readonly { cells: readonly unknown[] }[];
};

const CELLS = 1_000;

/** Whole suites of at most 1,000 cells, one at least: the first of the page, or the last where one goes back. */
export function fitSuites<Page extends Suites>(page: Page, isBackward: boolean, most = CELLS): Page {
  const sizes = page.nodes.map(({ cells }) => cells.length);
  if (isBackward) sizes.reverse();
  let [kept, cells] = [0, 0];
  for (const size of sizes) {
    if (kept > 0 && cells + size > most) break;
    [kept, cells] = [kept + 1, cells + size];
  }
  const left = page.nodes.length - kept;
  if (left === 0) return page;
  const cut = <Row>(rows: readonly Row[]) => (isBackward ? rows.slice(left) : rows.slice(0, kept));
  const edges = cut(page.edges);
  const pageInfo = isBackward
    ? { ...page.pageInfo, hasPreviousPage: true, startCursor: edges[0]?.cursor }
    : { ...page.pageInfo, hasNextPage: true, endCursor: edges.at(-1)?.cursor };
  return { ...page, pageInfo, edges, nodes: cut(page.nodes) };
}
