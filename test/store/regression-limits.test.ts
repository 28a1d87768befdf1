/** What is read and held for regressions has an end, and what is cut is said. */
import { expect, test } from 'vitest';
import type { TestResult } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { listRegressions } from '#store/regression.ts';
import { BASELINE } from '#store/regression-row.ts';
import { readSeriesRuns, SERIES_LIMITS } from '#store/series-runs.ts';
import { listTurnsToFail } from '#store/turn-to-fail.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const START = 1_780_000_000;
const HOUR = 3_600;
const FAR = { from: START - 4_000 * HOUR, until: START + 4_000 * HOUR };

/** A job an hour; of each test a letter a job. */
async function addJobs(writer: Writer, letters: Readonly<Record<string, string>>, hours = (i: number) => i) {
  const results: Readonly<Record<string, TestResult>> = { P: 'PASS', F: 'FAIL', S: 'SKIP' };
  for (const i of (Object.values(letters)[0] ?? '').split('').keys()) {
    const cases = Object.entries(letters).flatMap(([name, all], externalId) => {
      const result = results[all[i] ?? ''];
      return result ? [caseOf({ externalId, name, result })] : [];
    });
    const job = jobOf({
      externalId: String(i + 1),
      submitAt: (START + hours(i) * HOUR) * 1_000_000,
      metadata: { 'git-tree': 'mainline', 'git-describe': `v${i + 10}`, 'git-branch': 'master' },
    });
    await write(writer, 'alpha', changeOf(job, [{ externalId: 1, name: '0_smoke', isSteps: false, cases }]));
  }
}

async function envIdsOf({ store }: Writer): Promise<number[]> {
  return (await store.sql.all<{ id: number }>('SELECT id FROM env')).map(({ id }) => id);
}

test.each([false, true])(
  'turns are read up to a limit, whole seconds at a time; oldest first: %s',
  async (oldestFirst) => {
    const writer = await temporaryWriter();
    await addJobs(writer, { a: 'PFPFPF', b: 'PPPFPF' }, (i) => (i < 2 ? i : i < 4 ? 2 : i));
    const envIds = await envIdsOf(writer);
    const read = async (limits: { runs: number; turns: number }) => {
      const pages: number[][] = [];
      let { from, until } = FAR;
      while (from < until) {
        const { turns, reached } = await listTurnsToFail(
          writer.store,
          envIds,
          {},
          { from, until },
          oldestFirst,
          limits,
        );
        pages.push(turns.map(({ at }) => (at - START) / HOUR));
        if (oldestFirst) from = reached.until;
        else until = reached.from;
      }
      return pages;
    };

    const all = oldestFirst ? [1, 2, 2, 5, 5] : [5, 5, 2, 2, 1];
    expect((await read({ runs: 100, turns: 100 }))[0]).toEqual(all);
    for (const limits of [
      { runs: 1, turns: 100 },
      { runs: 2, turns: 100 },
      { runs: 100, turns: 1 },
    ]) {
      const pages = await read(limits);
      expect(pages.flat()).toEqual(all);
      expect(Math.max(...pages.map((page) => page.length))).toBe(2);
    }
  },
);

test('a span in which nothing changed costs no queries', async () => {
  const writer = await temporaryWriter();
  await addJobs(writer, { a: 'PPPPPPFFFF' });
  const page = { limit: 50, after: null, before: null, backward: false };
  const ask = async (span: { from: number; until: number }, backward: boolean) => {
    const before = writer.store.statementCount();
    const filter = { scope: {}, span, until: span.until, statuses: ['EXTREME_REGRESSION'] as const };
    const { rows } = await listRegressions(writer.store, ANONYMOUS, filter, BASELINE, { ...page, backward });
    expect(rows.map(({ at }) => at)).toEqual([START + 6 * HOUR]);
    return writer.store.statementCount() - before;
  };
  await ask(FAR, false);

  for (const backward of [false, true])
    expect(await ask(FAR, backward)).toBe(await ask({ from: START, until: START + 10 * HOUR }, backward));
});

test('a test is the same however few verdicts are held at a time', async () => {
  const writer = await temporaryWriter();
  await addJobs(writer, { a: 'PFPFSF', b: 'FFPP.P', c: '...PPP' });
  const [suite] = await writer.store.sql.all<{ id: number }>("SELECT id FROM suite WHERE name = 'smoke'");
  const cases = await writer.store.sql.all<{ id: number; name: string }>('SELECT id, name FROM test_case');
  const names = new Map(cases.map(({ id, name }) => [id, name]));
  const streams = { suiteId: suite?.id ?? 0, envIds: await envIdsOf(writer), branchId: null };
  const read = async (limits: Partial<typeof SERIES_LIMITS>, pivot = FAR.until) => {
    const found = new Map<string | undefined, string>();
    const series = await readSeriesRuns(
      writer.store,
      streams,
      [...names.keys()],
      { ...FAR, pivot },
      {
        ...SERIES_LIMITS,
        ...limits,
      },
    );
    await series.visit((ids, runsOf) => {
      for (const id of ids)
        found.set(
          names.get(id),
          runsOf()
            .map(({ verdict }) => 'PFSU'[verdict])
            .join(''),
        );
    });
    return { found: Object.fromEntries(found), isCut: series.isCut };
  };

  const all = { a: 'PFPFSF', b: 'FFPPP', c: 'PPP' };
  for (const cells of [1, 7, 12, 1_000]) expect(await read({ cells })).toEqual({ found: all, isCut: false });
  expect(await read({}, START + 3 * HOUR)).toEqual({ found: all, isCut: false });
  // Those nearest to the pivot are read where not all are.
  expect(await read({ runs: 2 }, START + 3 * HOUR)).toEqual({ found: { a: 'FPFS', b: 'FPP', c: 'PP' }, isCut: true });
  expect(await read({ runs: 2 })).toEqual({ found: { a: 'SF', b: 'P', c: 'PP' }, isCut: true });
});

test('of a busy suite the runs around the turn are read, and that there are more is said', async () => {
  const writer = await temporaryWriter();
  await addJobs(writer, { a: `PPPPPFFFFFF${'P'.repeat(20)}` });
  const filter = { scope: {}, span: FAR, until: FAR.until, statuses: ['EXTREME_REGRESSION'] as const };
  const page = { limit: 50, after: null, before: null, backward: false };
  const ask = async (runs: number) => {
    const limits = { turns: 20_000, series: { ...SERIES_LIMITS, runs } };
    const { rows, truncated } = await listRegressions(writer.store, ANONYMOUS, filter, BASELINE, page, limits);
    return {
      truncated,
      windows: rows.map(({ sample, base, fixedInId }) => [sample.fails, base.passes, fixedInId !== null]),
    };
  };

  expect(await ask(100)).toEqual({ truncated: false, windows: [[6, 5, true]] });
  expect(await ask(8)).toEqual({ truncated: true, windows: [[6, 5, true]] });
  expect(await ask(4)).toEqual({ truncated: true, windows: [[4, 4, false]] });
});
