import { failingSince } from '#analysis/failing-since.ts';
import { InvalidInput } from '#store/error.ts';
import { getHistoryGrid, type HistoryGrid } from '#store/history-grid.ts';
import { type GridRow, gridKey } from '#store/history-rows.ts';
import type { SourceFilter } from '#store/source.ts';
import { splitSuiteName } from '#store/suite-run.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers } from './graphql/types.ts';
import { required } from './required.ts';

const DEFAULT_BUILDS = 50;
const MAX_BUILDS = 200;

export type HistoryGridParent = {
  grid: HistoryGrid;
  rows: Connection<HistoryRowParent>;
  sources: SourceFilter;
};
/** `builds` are those of the columns, by number. */
export type HistoryRowParent = GridRow & { suite: string; builds: number[] };
export type FailingSpellParent = { since: number; lastPass: number | null; buildCount: number };

async function loadBuild({ loaders }: Context, id: number) {
  return required(await loaders.build.load(id), 'build');
}

export const historyGrid: Pick<Resolvers, 'Query' | 'HistoryGrid' | 'HistoryRow' | 'FailingSpell'> = {
  Query: {
    async historyGrid(_, { builds, scope, show, project, suite, branch, ...page }, { store, viewer }) {
      const wanted = builds ?? DEFAULT_BUILDS;
      if (wanted < 1 || wanted > MAX_BUILDS)
        throw new InvalidInput(`"builds" is ${wanted}: ask for 1 to ${MAX_BUILDS}.`);
      const request = readPage(page, ['text', 'text', 'text']);
      const grid = await getHistoryGrid(store, viewer, { project, suite, branch }, wanted, toScope(scope));
      const { rows, ...edges } = await grid.listRows(show ?? 'ALL', request);
      const { name } = splitSuiteName(suite);
      const sources = toSourceFilter(scope);
      const named = rows.map((row) => ({ ...row, suite: name, builds: grid.builds }));
      return { grid, rows: toConnection({ rows: named, ...edges }, gridKey, sources, async () => null), sources };
    },
  },
  HistoryGrid: {
    builds: ({ grid }, _, context) => Promise.all(grid.builds.map((id) => loadBuild(context, id))),
    rows: ({ rows }) => rows.edges.map(({ node }) => node),
    pageInfo: ({ rows }) => rows.pageInfo,
    async counts({ grid }) {
      const { tests, ...counts } = await grid.count();
      return { total: tests, ...counts };
    },
    truncated: ({ grid }) => grid.truncated,
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  HistoryRow: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    failing({ cells, builds }) {
      const found = failingSince(cells);
      if (!found) return null;
      const since = required(builds[found.since], 'build');
      const lastPass = found.lastPass === null ? null : required(builds[found.lastPass], 'build');
      return { since, lastPass, buildCount: found.builds };
    },
  },
  FailingSpell: {
    since: ({ since }, _, context) => loadBuild(context, since),
    lastPass: ({ lastPass }, _, context) => (lastPass === null ? null : loadBuild(context, lastPass)),
  },
};
