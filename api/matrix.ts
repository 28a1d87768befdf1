/**
 * The suite x environment matrix of a build. Its sums come from the rollups; what single tests say is read for the suites
 * whose cells are asked for it.
 */
import DataLoader from 'dataloader';
import type { RunVerdict } from '#analysis/run-verdict.ts';
import { type BuildRow, listBuildsBefore } from '#store/build.ts';
import { type BuildRun, disagree, listBuildRuns, type ShapeOf, shapesOf, verdictsByLab } from '#store/build-run.ts';
import type { Counts } from '#store/codec.ts';
import { InvalidInput } from '#store/error.ts';
import type { MatrixRow, MatrixScope, MatrixSuite, RecentSums } from '#store/matrix.ts';
import { pageOf } from '#store/page.ts';
import { allSources, type SourceRow } from '#store/source.ts';
import { type Connection, type PageArguments, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { MatrixShow, Resolvers, ScopeInput } from './graphql/types.ts';
import { sumsOf } from './matrix-sums.ts';
import { once } from './once.ts';

/** Cells that are given at once. */
const MAX_CELLS = 2_000;
/** Builds in the strip of a cell. */
const RECENT = 10;

type ResultCounts = Counts & { total: number };
type Runs = { runs: BuildRun[]; shapeOf: ShapeOf };

/** One build's matrix as far as a request asks for it; each part is read once. */
export type MatrixView = {
  /** Which of several runs says what a single test comes to. */
  verdict: RunVerdict;
  suites(): Promise<MatrixSuite[]>;
  cells(suite: MatrixSuite): Promise<CellParent[]>;
  runs(suiteId: number): Promise<Runs>;
  newlyFailing(): Promise<ReadonlySet<string>>;
  /** A letter a build and cell: the build and those before it on its branch, oldest first. */
  recent(suiteId: number): Promise<ReadonlyMap<string, string>>;
};

export type CellParent = {
  view: MatrixView;
  suite: MatrixSuite;
  deviceTypeId: number;
  deviceType: string;
  labs: LabParent[];
};
export type LabParent = {
  view: MatrixView;
  suiteId: number;
  deviceTypeId: number;
  source: SourceRow;
  counts: ResultCounts;
  infrastructureFailures: number;
};
export type SuiteParent = { view: MatrixView; suite: MatrixSuite };
export type SuiteList = Connection<SuiteParent> & { view: MatrixView };

/** `verdict`: which of several runs counts; none for every run. */
type Narrowed = { scope?: ScopeInput | null; verdict?: RunVerdict | null };

export function matrixScope(scope: ScopeInput | null | undefined): MatrixScope {
  return { sources: toSourceFilter(scope), deviceTypes: scope?.deviceTypes ?? null };
}

function viewOf(build: BuildRow, { scope, verdict }: Narrowed, context: Context): MatrixView {
  const { store, viewer } = context;
  const within = matrixScope(scope);
  const sums = sumsOf(build, within, verdict ?? null, context);
  const cells = new DataLoader(async (suites: readonly MatrixSuite[]) => {
    const sources = new Map((await allSources(store, viewer, within.sources)).map((row) => [row.id, row]));
    const ids = suites.map((suite) => suite.id);
    const bySuite = Map.groupBy(await sums.cells(ids), (row) => row.suiteId);
    return suites.map((suite) => cellsOf(view, suite, bySuite.get(suite.id) ?? [], sources));
  });
  const runs = new DataLoader(async (suiteIds: readonly number[]) => {
    const found = await listBuildRuns(store, viewer, build, suiteIds, within);
    const shapeOf = await shapesOf(store, found);
    const bySuite = Map.groupBy(found, (run) => run.suiteId);
    return suiteIds.map((id) => ({ runs: bySuite.get(id) ?? [], shapeOf }));
  });
  const recentBuilds = once(async () => {
    const before = await listBuildsBefore(store, viewer, build, RECENT - 1);
    return [...before.reverse(), build];
  });
  const recent = new DataLoader(async (suiteIds: readonly number[]) => {
    const builds = await recentBuilds();
    const bySuite = Map.groupBy(await sums.recent(builds, suiteIds), ({ suiteId }) => suiteId);
    const ids = builds.map(({ id }) => id);
    return suiteIds.map((id) => stripsOf(ids, bySuite.get(id) ?? []));
  });
  const view: MatrixView = {
    verdict: verdict ?? 'LAST',
    suites: once(() => sums.suites()),
    cells: (suite) => cells.load(suite),
    runs: (suiteId) => runs.load(suiteId),
    newlyFailing: once(async () => new Set((await sums.newlyFailing()).map(cellKey))),
    recent: (suiteId) => recent.load(suiteId),
  };
  return view;
}

function cellKey({ suiteId, deviceTypeId }: { suiteId: number; deviceTypeId: number }): string {
  return `${suiteId}/${deviceTypeId}`;
}

function stripsOf(builds: readonly number[], sums: readonly RecentSums[]): Map<string, string> {
  const cells = Map.groupBy(sums, cellKey);
  return new Map(
    [...cells].map(([key, ofCell]) => {
      const letters = new Map(ofCell.map((row) => [row.buildId, letterOf(row)]));
      return [key, builds.map((id) => letters.get(id) ?? '.').join('')];
    }),
  );
}

function letterOf({ pass, fail, other, infrastructure }: RecentSums): string {
  if (fail > 0) return 'F';
  if (infrastructure > 0 && pass === 0) return 'I';
  return pass > 0 ? 'P' : other > 0 ? 'S' : '.';
}

function cellsOf(
  view: MatrixView,
  suite: MatrixSuite,
  rows: readonly MatrixRow[],
  sources: ReadonlyMap<number, SourceRow>,
): CellParent[] {
  const cells = [...Map.groupBy(rows, (row) => row.deviceTypeId)].map(([deviceTypeId, ofType]) => {
    const labs = [...Map.groupBy(ofType, (row) => row.sourceId)].flatMap(([sourceId, ofLab]) => {
      const source = sources.get(sourceId);
      const infrastructureFailures = ofLab.reduce((n, row) => n + row.infrastructure, 0);
      return source
        ? [{ view, suiteId: suite.id, deviceTypeId, source, counts: sumResults(ofLab), infrastructureFailures }]
        : [];
    });
    labs.sort((a, b) => (a.source.slug < b.source.slug ? -1 : 1));
    return { view, suite, deviceTypeId, deviceType: ofType[0]?.deviceType ?? '', labs };
  });
  return cells.sort((a, b) => (a.deviceType < b.deviceType ? -1 : 1));
}

export function sumResults(rows: readonly Counts[]): ResultCounts {
  const counts = { pass: 0, fail: 0, skip: 0, unknown: 0, total: 0 };
  for (const row of rows) {
    for (const key of ['pass', 'fail', 'skip', 'unknown'] as const) {
      counts[key] += row[key];
      counts.total += row[key];
    }
  }
  return counts;
}

export async function matrixOf(build: BuildRow, narrowed: Narrowed, context: Context): Promise<CellParent[]> {
  const view = viewOf(build, narrowed, context);
  const suites = await view.suites();
  const cells = suites.reduce((n, suite) => n + suite.cells, 0);
  if (cells > MAX_CELLS)
    throw new InvalidInput(
      `The matrix has ${cells} cells, and at most ${MAX_CELLS} are given at once: ask for "suites", which has pages, or narrow "scope".`,
    );
  return (await Promise.all(suites.map((suite) => view.cells(suite)))).flat();
}

type SuiteArguments = PageArguments & Narrowed & { show?: MatrixShow | null };

export async function suitesOf(
  build: BuildRow,
  { scope, verdict, show, ...args }: SuiteArguments,
  context: Context,
): Promise<SuiteList> {
  const view = viewOf(build, { scope, verdict }, context);
  const suites = await view.suites();
  const fresh = show === 'NEWLY_FAILING' ? suiteIds(await view.newlyFailing()) : null;
  const shown = suites.filter(({ id, problems }) => fresh?.has(id) ?? (show !== 'PROBLEMS' || problems > 0));
  const { rows, ...edges } = pageOf(shown, (suite) => suite.name, readPage(args, ['text']));
  const page = { ...edges, rows: rows.map((suite) => ({ view, suite })) };
  const count = async () => shown.length;
  return { ...toConnection(page, ({ suite }) => [suite.name], toSourceFilter(scope), count), view };
}

function suiteIds(cells: ReadonlySet<string>): ReadonlySet<number> {
  return new Set([...cells].map((key) => Number(key.split('/')[0])));
}

async function runsOf({ view, suiteId, deviceTypeId, source }: LabParent): Promise<BuildRun[]> {
  const { runs } = await view.runs(suiteId);
  return runs.filter((run) => run.deviceTypeId === deviceTypeId && run.sourceId === source.id);
}

/** Only where a lab fails and another lab ran can they disagree; the sums tell. */
async function doLabsDisagree({ view, suite, deviceTypeId, labs }: CellParent, { store }: Context): Promise<boolean> {
  const ran = labs.filter(({ counts }) => counts.total > 0);
  if (ran.length < 2 || ran.every(({ counts }) => counts.fail === 0)) return false;
  const { runs, shapeOf } = await view.runs(suite.id);
  const ofCell = runs.filter((run) => run.deviceTypeId === deviceTypeId);
  return disagree(await verdictsByLab(store, ofCell, shapeOf, view.verdict));
}

export const matrix: Pick<
  Resolvers,
  'BuildSuite' | 'BuildSuiteConnection' | 'MatrixTotals' | 'MatrixCell' | 'MatrixLab'
> = {
  BuildSuite: {
    name: ({ suite }) => suite.name,
    cells: ({ view, suite }) => view.cells(suite),
  },
  BuildSuiteConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    matrix: ({ view }) => view,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  MatrixTotals: {
    suiteCount: async (view) => (await view.suites()).length,
    problemSuiteCount: async (view) => (await view.suites()).filter(({ problems }) => problems > 0).length,
    cellCount: async (view) => (await view.suites()).reduce((n, { cells }) => n + cells, 0),
    problemCellCount: async (view) => (await view.suites()).reduce((n, { problems }) => n + problems, 0),
    repeatedCellCount: async (view) => (await view.suites()).reduce((n, { repeated }) => n + repeated, 0),
    newlyFailingSuiteCount: async (view) => suiteIds(await view.newlyFailing()).size,
    newlyFailingCellCount: async (view) => (await view.newlyFailing()).size,
  },
  MatrixCell: {
    suite: ({ suite }) => suite.name,
    environment: ({ deviceType }) => environmentOf(deviceType),
    counts: ({ labs }) => sumResults(labs.map((lab) => lab.counts)),
    infrastructureFailures: ({ labs }) => labs.reduce((n, lab) => n + lab.infrastructureFailures, 0),
    sources: ({ labs }) => labs.map((lab) => lab.source),
    disagree: (cell, _, context) => doLabsDisagree(cell, context),
    recent: async ({ view, suite, deviceTypeId }) =>
      (await view.recent(suite.id)).get(cellKey({ suiteId: suite.id, deviceTypeId })) ?? '',
    isNewlyFailing: async (cell) =>
      cell.labs.some(({ counts }) => counts.fail > 0) &&
      (await cell.view.newlyFailing()).has(cellKey({ ...cell, suiteId: cell.suite.id })),
  },
  MatrixLab: {
    jobCount: async (lab) => new Set((await runsOf(lab)).map((run) => run.jobId)).size,
    latestJob: async (lab, _, { loaders }) => {
      const last = (await runsOf(lab)).at(-1);
      return last ? ((await loaders.job.load(last.jobId)) ?? null) : null;
    },
  },
};
