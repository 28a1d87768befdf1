import { expect, test } from 'vitest';
import type { JobRecord, SuiteRecord } from '#schema/records.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { listTestCases } from '#store/case-scan.ts';
import { getNewestResults } from '#store/newest-result.ts';
import { retire } from '#store/retention.ts';
import { search } from '#store/search.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const EVERYTHING: Viewer = { kind: 'everything' };
const BEGIN = 1_780_000_000_000_000;
const DAY = 86_400_000_000;

/** A job of the day with suites of cases: "net: a b". */
async function add(
  writer: Writer,
  day: number,
  suites: readonly string[],
  job: Partial<JobRecord> = {},
): Promise<void> {
  const submitAt = BEGIN + day * DAY;
  const records = suites.map((text, i): SuiteRecord => {
    const [name = '', cases = ''] = text.split(': ');
    const named = cases
      .split(' ')
      .map((one, n) => caseOf({ externalId: i * 100 + n, name: one, measurement: `${day}` }));
    return { externalId: i, name: `${i}_${name}`, isSteps: false, cases: named };
  });
  const times = { submitAt, startAt: submitAt + 1, endAt: submitAt + 2 };
  await write(writer, 'alpha', changeOf(jobOf({ externalId: String(day), ...times, ...job }), records));
}

async function newestOf(writer: Writer, viewer: Viewer): Promise<string[]> {
  const hits = await search(writer.store, viewer, 'case', { kinds: ['TEST'], limit: 100 });
  const ids = hits.map(({ id }) => id);
  const found = await getNewestResults(writer.store, viewer, ids);
  for (const { id, text, within } of hits) {
    const page = { limit: 1, after: null, before: null, backward: false };
    const one = await listTestCases(writer.store, viewer, { suite: within, name: text }, page);
    expect(found.get(id), `${within} ${text}`).toEqual(one.rows[0]);
  }
  return hits.map(({ id, text, within }) => `${within} ${text} ${found.get(id)?.jobExternalId}`);
}

test('the newest result of each test is that of the newest job in sight that has it', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, ['net: case-old case-b', 'fs: case-a']);
  await add(writer, 2, ['net: case-b', 'net: x case-b case-c']);
  for (let day = 3; day < 130; day++) await add(writer, day, ['net: y', 'fs: z']);
  await add(writer, 140, ['net: case-old case-c'], { isPublic: false });

  const seen = ['fs case-a 1', 'net case-b 2', 'net case-c 2', 'net case-old 1'];
  expect(await newestOf(writer, ANONYMOUS)).toEqual(seen);
  expect(await newestOf(writer, EVERYTHING)).toEqual([...seen.slice(0, 2), 'net case-c 140', 'net case-old 140']);

  await add(writer, 160, ['net: case-b']);
  const source = await writer.store.sql.get<{ id: number }>('SELECT id FROM source');
  await retire(writer, source?.id ?? 0, { results: 15 }, () => BEGIN + 170 * DAY);
  expect(await newestOf(writer, ANONYMOUS)).toEqual(['net case-b 160']);
});

test('the newest result is found where its shape alone keeps the name', async () => {
  const writer = await temporaryWriter();
  for (let day = 1; day <= 5; day++) {
    await add(writer, day, [`net: ${Array.from({ length: 200 }, (_, i) => `pid-${day}-${i}`).join(' ')}`]);
  }
  await add(writer, 20, ['net: pid-20 case-x']);
  await add(writer, 15, ['net: pid-15 y']);
  for (const day of [11, 10]) await add(writer, day, [`net: pid-${day} case-x`]);

  const loose = await writer.store.sql.all('SELECT loose FROM shape WHERE size = 2 ORDER BY id');
  expect(loose).toEqual([2, 2, 1, 1].map((n) => ({ loose: n })));
  expect(await newestOf(writer, ANONYMOUS)).toEqual(['net case-x 20']);
});
