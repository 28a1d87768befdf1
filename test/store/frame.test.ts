/** The cases of a job in frames: whatever their size and version, pages and single cases are what the master said. */
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { SuiteRecord } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { compressDetail, createFrames, type Detail, type Frame, metadataOf, unpackDetail } from '#store/detail.ts';
import { getJob } from '#store/job.ts';
import type { Key } from '#store/page.ts';
import { getTestCase, listJobCases } from '#store/test-case.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { changeOf, jobOf, suitesArbitrary } from './arbitrary.ts';
import { packFirstDetail } from './older/first-detail.ts';
import { temporaryWriter } from './temporary.ts';

const RUNS = inject('postgres') ? 25 : 150;

function casesIn(suites: readonly SuiteRecord[]) {
  return suites.flatMap((suite, ord) =>
    Array.from(suite.cases, (c, position) => ({ ...c, suite: suite.name, ord, position })),
  );
}

function framesOf(suites: readonly SuiteRecord[], limit?: number): Frame[] {
  const frames = createFrames(suites, limit);
  for (const { name, cases } of suites) for (const one of cases) frames.add(name, one);
  return frames.done();
}

function caseIn(detail: Detail, i: number, c: ReturnType<typeof casesIn>[number]) {
  const [template = null, unit = null, measurement = null] = [
    detail.template[i],
    detail.unit[i],
    detail.measurement[i],
  ];
  return {
    ...c,
    externalId: detail.externalId[i],
    startLogLine: detail.startLogLine[i],
    endLogLine: detail.endLogLine[i],
    loggedAt: detail.loggedAt[i],
    measurement,
    unit,
    setExternalId: detail.setExternalId[i],
    metadata: metadataOf({ ...c, template, units: unit, measurement }),
  };
}

test('each frame is read without the others, and together they are the job', () => {
  fc.assert(
    fc.property(suitesArbitrary, fc.integer({ min: 1, max: 20 }), (suites, limit) => {
      const cases = casesIn(suites);
      const frames = framesOf(suites, limit);
      const back = frames.toReversed().map(({ first, block }) => {
        const { codec, body } = compressDetail(block);
        const detail = unpackDetail(codec, body);
        expect(detail.externalId.length).toBeLessThanOrEqual(limit);
        return detail.externalId.map((_, i) => caseIn(detail, i, cases[first + i] ?? expect.fail('no such case')));
      });
      expect(back.toReversed().flat()).toEqual(cases);
    }),
    { numRuns: 400 },
  );
});

test('a part of a frame, of either version, is that part of the whole', () => {
  const part = (from: number, until: number) => (column: readonly unknown[]) => column.slice(from, until);
  fc.assert(
    fc.property(suitesArbitrary, fc.boolean(), fc.nat({ max: 40 }), fc.nat({ max: 40 }), (suites, first, a, b) => {
      const [from, until] = [Math.min(a, b), Math.max(a, b)];
      const [codec, block] = first ? [0, packFirstDetail(suites)] : [2, framesOf(suites, 1000)[0]?.block];
      const body = block ?? expect.fail('no frame');
      const columns = Object.entries(unpackDetail(codec, body));
      const expected = Object.fromEntries(columns.map(([name, column]) => [name, part(from, until)(column)]));
      expect(unpackDetail(codec, body, from, until)).toEqual(expected);
    }),
    { numRuns: 400 },
  );
});

test('a job of many frames has frames of one size', () => {
  const suite = (count: number): SuiteRecord => ({
    externalId: 1,
    name: 'a',
    isSteps: false,
    cases: Array.from({ length: count }, (_, i) => ({
      ...{ externalId: i, name: `${i}`, set: null, setExternalId: null, result: 'PASS', measurement: null, unit: null },
      ...{ startLogLine: i, endLogLine: null, loggedAt: null, metadata: null },
    })),
  });
  expect(framesOf([suite(6_200)]).map(({ first }) => first)).toEqual([0, 2067, 4134]);
  expect(framesOf([]).map(({ first }) => first)).toEqual([0]);
});

test('a block of the first version says what was packed', () => {
  fc.assert(
    fc.property(suitesArbitrary, fc.boolean(), (suites, compressed) => {
      const block = packFirstDetail(suites);
      const detail = compressed ? unpackDetail(1, zstdCompressSync(block)) : unpackDetail(0, block);
      const cases = casesIn(suites);
      expect(cases.map((c, i) => caseIn(detail, i, c))).toEqual(cases);
    }),
    { numRuns: 400 },
  );
});

type Layout = { kind: 'frames'; limit: number } | { kind: 'whole' } | { kind: 'first' };

const layouts: fc.Arbitrary<Layout> = fc.oneof(
  fc.record({ kind: fc.constant('frames'), limit: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constantFrom('whole', 'first') }),
);

/** Stores the job with its details laid out so; `whole` and `first` are what stores of earlier versions hold. */
async function store(writer: Writer, number: number, suites: SuiteRecord[], layout: Layout): Promise<void> {
  const source = await getSyncState(writer, 'alpha');
  if (!source) throw new Error('no source');
  const packed = packJob(writer, changeOf(jobOf({ externalId: String(number) }), suites));
  const detail: Frame[] = framesOf(suites, layout.kind === 'frames' ? layout.limit : 1_000_000);
  await writer.transaction(async () => {
    await writeJob(writer, source, { ...packed, detail }, 1_790_000_000_000_000, 'SCHEDULE');
    if (layout.kind !== 'first') return;
    await writer.store.sql.run(
      'UPDATE job_detail SET codec = 0, body = ? WHERE job_id = (SELECT id FROM job WHERE external_id = ?)',
      packFirstDetail(suites),
      String(number),
    );
  });
}

test('any page of any size, forward and backward, filtered or not, is the same part of the job', async () => {
  const writer = await temporaryWriter();
  let number = 0;
  const run = async (
    suites: SuiteRecord[],
    layout: Layout,
    limit: number,
    backward: boolean,
    at: number,
    failing: boolean,
  ) => {
    number += 1;
    await store(writer, number, suites, layout);
    const job = await getJob(writer.store, ANONYMOUS, 'alpha', String(number));
    if (!job) throw new Error('no job');
    const all = casesIn(suites);
    const from = all.at(at);
    const key: Key | null = from ? [from.ord, from.position] : null;
    const place = from ? all.indexOf(from) : 0;
    const wanted = (part: typeof all) => part.filter((c) => !failing || c.result === 'FAIL');
    const expected = backward
      ? wanted(all.slice(0, from ? place : undefined)).slice(-limit)
      : wanted(all.slice(from ? place + 1 : 0)).slice(0, limit);

    const filter = failing ? { result: ['FAIL' as const] } : {};
    const page = { limit, after: backward ? null : key, before: backward ? key : null, backward };
    const { rows } = await listJobCases(writer.store, ANONYMOUS, job.id, filter, page);

    expect(rows.map((row) => ({ ...row, unit: row.units, metadata: metadataOf(row) }))).toMatchObject(expected);
    expect(rows).toHaveLength(expected.length);
    const ids = all.map((c) => c.externalId);
    const single = all.find((c, i) => ids.indexOf(c.externalId) === i && ids.lastIndexOf(c.externalId) === i);
    if (single) {
      const row = await getTestCase(writer.store, ANONYMOUS, job.id, single.externalId);
      expect(row && { ...row, unit: row.units, metadata: metadataOf(row) }).toMatchObject(single);
    }
    expect(await getTestCase(writer.store, ANONYMOUS, job.id, -1)).toBeNull();
  };
  await fc.assert(
    fc.asyncProperty(
      suitesArbitrary,
      layouts,
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      fc.integer({ min: -40, max: 40 }),
      fc.boolean(),
      run,
    ),
    { numRuns: RUNS },
  );
});
