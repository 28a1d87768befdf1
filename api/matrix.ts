/** The suite x environment matrix of a build: sums from the rollups, disagreement from the runs themselves. */
import { listBuildRuns, listMatrix, type MatrixRow, type MatrixRun } from '#store/build.ts';
import { caseKey, eachNonPass, PASS, type Verdict, verdictOf, worseOf } from '#store/codec.ts';
import { namesOf } from '#store/read-shape.ts';
import { unpackShape } from '#store/shape-codec.ts';
import type { SourceRow } from '#store/source.ts';
import { allSources } from '#store/source.ts';
import type { Context } from './context.ts';
import { toSourceFilter } from './coverage.ts';
import type { Resolvers, ScopeInput } from './graphql/types.ts';

const FAIL = verdictOf('FAIL');

type Counts = { pass: number; fail: number; skip: number; unknown: number; total: number };

export type LabParent = {
  source: SourceRow;
  counts: Counts;
  infrastructureFailures: number;
  jobCount: number;
  latestJobId: number | null;
};

export type CellParent = {
  suite: string;
  deviceType: string;
  labs: LabParent[];
  disagree: boolean;
};

export async function matrixOf(
  buildId: number,
  scope: ScopeInput | null | undefined,
  context: Context,
): Promise<CellParent[]> {
  const { store, viewer } = context;
  const sources = new Map((await allSources(store, viewer, toSourceFilter(scope))).map((row) => [row.id, row]));
  const rows = await listMatrix(store, viewer, buildId, [...sources.keys()], scope?.deviceTypes ?? null);
  const runs = Map.groupBy(await listBuildRuns(store, viewer, buildId), (run) => `${run.suiteId}/${run.envId}`);
  const cells: CellParent[] = [];
  for (const group of Map.groupBy(rows, (row) => `${row.suite}\n${row.deviceTypeId}`).values()) {
    const [head] = group;
    if (!head) continue;
    const labs = [...Map.groupBy(group, (row) => row.sourceId)].flatMap(([sourceId, ofLab]) => {
      const source = sources.get(sourceId);
      return source ? [toLab(source, ofLab, runs)] : [];
    });
    const verdicts = [...Map.groupBy(group, (row) => row.sourceId).values()].map((ofLab) =>
      verdictsOf(ofLab.flatMap((row) => runs.get(`${row.suiteId}/${row.envId}`) ?? [])),
    );
    await nameLoose(context, verdicts);
    cells.push({
      suite: head.suite,
      deviceType: head.deviceType,
      labs: labs.sort((a, b) => (a.source.slug < b.source.slug ? -1 : 1)),
      disagree: verdicts.some((a, i) => verdicts.slice(i + 1).some((b) => differ(a, b))),
    });
  }
  return cells;
}

function toLab(source: SourceRow, rows: MatrixRow[], runs: Map<string, MatrixRun[]>): LabParent {
  const ofLab = rows.flatMap((row) => runs.get(`${row.suiteId}/${row.envId}`) ?? []);
  return {
    source,
    counts: sum(rows),
    infrastructureFailures: rows.reduce((n, row) => n + row.infrastructure, 0),
    jobCount: new Set(ofLab.map((run) => run.jobId)).size,
    latestJobId: ofLab.at(-1)?.jobId ?? null,
  };
}

function sum(rows: readonly Omit<Counts, 'total'>[]): Counts {
  const total = { pass: 0, fail: 0, skip: 0, unknown: 0, total: 0 };
  for (const row of rows) {
    for (const key of ['pass', 'fail', 'skip', 'unknown'] as const) {
      total[key] += row[key];
      total.total += row[key];
    }
  }
  return total;
}

type LabVerdicts = {
  newest: Map<number, Verdict> /** Passes of cases whose names the shape alone keeps. */;
  loose: Set<string>;
};

/** The newest verdict of each case; inside a run the worst counts. */
function verdictsOf(runs: readonly MatrixRun[]): LabVerdicts {
  const newest = new Map<number, Verdict>();
  const loose = new Set<string>();
  for (const run of runs) {
    const { ids, looseNames } = unpackShape(run.cases, run.size);
    for (const caseId of ids) if (caseId !== 0) newest.set(caseId, PASS);
    for (const name of looseNames()) loose.add(caseKey(name));
    const worst = new Map<number, Verdict>();
    eachNonPass(run.verdicts, (position, verdict) => {
      const caseId = ids[position] ?? 0;
      worst.set(caseId, worseOf(worst.get(caseId) ?? PASS, verdict));
    });
    for (const [caseId, verdict] of worst) newest.set(caseId, verdict);
  }
  return { newest, loose };
}

/** A case that fails in one lab may be a name that only a shape keeps in another: there it passes. */
async function nameLoose({ store }: Context, labs: readonly LabVerdicts[]): Promise<void> {
  if (labs.every(({ loose }) => loose.size === 0)) return;
  const failing = labs.flatMap(({ newest }) => [...newest].flatMap(([id, verdict]) => (verdict === FAIL ? [id] : [])));
  for (const [id, name] of await namesOf(store, [...new Set(failing)])) {
    for (const { newest, loose } of labs) if (!newest.has(id) && loose.has(caseKey(name))) newest.set(id, PASS);
  }
}

/** Pass against fail; a skip disagrees with nobody. */
function differ({ newest: a }: LabVerdicts, { newest: b }: LabVerdicts): boolean {
  for (const [caseId, verdict] of a) {
    const other = b.get(caseId);
    if (other !== undefined && verdict !== other && verdict <= FAIL && other <= FAIL) return true;
  }
  return false;
}

export const matrix: Pick<Resolvers, 'MatrixCell' | 'MatrixLab'> = {
  MatrixCell: {
    environment: ({ deviceType }) => ({ name: deviceType, deviceType, architecture: null }),
    counts: ({ labs }) => sum(labs.map((lab) => lab.counts)),
    infrastructureFailures: ({ labs }) => labs.reduce((n, lab) => n + lab.infrastructureFailures, 0),
    sources: ({ labs }) => labs.map((lab) => lab.source),
  },
  MatrixLab: {
    latestJob: async ({ latestJobId }, _, { loaders }) =>
      latestJobId === null ? null : ((await loaders.job.load(latestJobId)) ?? null),
  },
};
