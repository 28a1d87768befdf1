/** The sums that a matrix is made of: of every run, as they are kept, or of several runs of a suite counted once. */
import type { RunVerdict } from '#analysis/run-verdict.ts';
import { type BuildRow, getPreviousBuild } from '#store/build.ts';
import {
  type CellKey,
  listMatrix,
  listMatrixSuites,
  listNewlyFailing,
  listRecentCells,
  type MatrixRow,
  type MatrixScope,
  type MatrixSuite,
  type RecentSums,
} from '#store/matrix.ts';
import { listMatrixOnce, type OnceRow } from '#store/matrix-once.ts';
import type { Context } from './context.ts';

export type MatrixSums = {
  suites(): Promise<MatrixSuite[]>;
  cells(suiteIds: readonly number[]): Promise<MatrixRow[]>;
  /** Cells with a failure that the build before ran without one. */
  newlyFailing(): Promise<CellKey[]>;
  recent(builds: readonly BuildRow[], suiteIds: readonly number[]): Promise<RecentSums[]>;
};

export function sumsOf(build: BuildRow, scope: MatrixScope, verdict: RunVerdict | null, context: Context): MatrixSums {
  const { store, viewer } = context;
  if (verdict) return sumsOnce(build, scope, verdict, context);
  return {
    suites: () => listMatrixSuites(store, viewer, build.id, scope),
    cells: (suiteIds) => listMatrix(store, viewer, build.id, scope, suiteIds),
    async newlyFailing() {
      const before = await getPreviousBuild(store, viewer, build);
      return before ? listNewlyFailing(store, viewer, build.id, before.id, scope) : [];
    },
    recent(builds, suiteIds) {
      const ids = builds.map(({ id }) => id);
      return listRecentCells(store, viewer, ids, suiteIds, scope);
    },
  };
}

function sumsOnce(
  build: BuildRow,
  scope: MatrixScope,
  verdict: RunVerdict,
  { store, viewer, loaders }: Context,
): MatrixSums {
  const whole = () => loaders.matrixOnce.load({ build, scope, verdict });
  return {
    async suites() {
      const counted = await listMatrixSuites(store, viewer, build.id, scope);
      const failing = new Set((await whole()).filter(isProblem).map(cellKey));
      const problems = Map.groupBy(failing, (key) => Number(key.split('/')[0]));
      return counted.map((suite) => ({ ...suite, problems: problems.get(suite.id)?.length ?? 0 }));
    },
    async cells(suiteIds) {
      const wanted = new Set(suiteIds);
      return (await whole()).filter(({ suiteId }) => wanted.has(suiteId));
    },
    async newlyFailing() {
      const failing = cellsOf(await whole()).filter(({ fail }) => fail > 0);
      const before = failing.length > 0 ? await getPreviousBuild(store, viewer, build) : null;
      if (!before) return [];
      const suites = [...new Set(failing.map(({ suiteId }) => suiteId))];
      const old = cellsOf(await listMatrixOnce(store, viewer, [before], scope, verdict, suites));
      const passed = new Set(old.filter(({ pass, fail, other }) => fail === 0 && pass + other > 0).map(cellKey));
      return failing.filter((cell) => passed.has(cellKey(cell)));
    },
    recent: async (builds, suiteIds) => cellsOf(await listMatrixOnce(store, viewer, builds, scope, verdict, suiteIds)),
  };
}

function isProblem({ fail, infrastructure }: OnceRow): boolean {
  return fail > 0 || infrastructure > 0;
}

function cellKey({ suiteId, deviceTypeId }: CellKey): string {
  return `${suiteId}/${deviceTypeId}`;
}

/** Over all labs. */
function cellsOf(rows: readonly OnceRow[]): RecentSums[] {
  const cells = Map.groupBy(rows, (row) => `${row.buildId}/${cellKey(row)}`);
  return [...cells.values()].flatMap((labs) => {
    const [first] = labs;
    if (!first) return [];
    const { buildId, suiteId, deviceTypeId } = first;
    const cell = { buildId, suiteId, deviceTypeId, pass: 0, fail: 0, other: 0, infrastructure: 0 };
    for (const { pass, fail, skip, unknown, infrastructure } of labs) {
      cell.pass += pass;
      cell.fail += fail;
      cell.other += skip + unknown;
      cell.infrastructure += infrastructure;
    }
    return [cell];
  });
}
