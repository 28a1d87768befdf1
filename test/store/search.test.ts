import { expect, test } from 'vitest';
import type { SuiteRecord } from '#schema/records.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { listJobs } from '#store/job.ts';
import { removeJob } from '#store/remove-job.ts';
import { search } from '#store/search.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { settings } from './settings.ts';
import { temporaryWriter, write } from './temporary.ts';

const EVERYTHING: Viewer = { kind: 'everything' };

function suiteOf(names: readonly string[]): SuiteRecord {
  return {
    externalId: 1,
    name: '0_net',
    isSteps: false,
    cases: names.map((name, externalId) => caseOf({ externalId, name })),
  };
}

async function names(writer: Writer, text: string, viewer: Viewer = ANONYMOUS): Promise<string[]> {
  return (await search(writer.store, viewer, text, { limit: 20 })).map((hit) => `${hit.kind} ${hit.text}`);
}

test('exact comes before prefix, word start and substring, in any case', async () => {
  const writer = await temporaryWriter();
  const cases = ['xfsync', 'tcp-sync', 'sync', 'sync-all', 'other'];
  await write(writer, 'alpha', changeOf(jobOf(), [suiteOf(cases)]));

  expect(await names(writer, 'SYNC')).toEqual(['TEST sync', 'TEST sync-all', 'TEST tcp-sync', 'TEST xfsync']);
  expect(await names(writer, 'sy'), 'of one rank by name').toEqual(['TEST sync', 'TEST sync-all']);
});

test('jobs are found by description and number, boards by hostname, builds by version', async () => {
  const writer = await temporaryWriter();
  const job = jobOf({ externalId: '4711', description: 'boot of mainline', device: 'juno-r2-07' });
  await write(writer, 'alpha', changeOf(job, []));

  expect(await names(writer, 'MAINLINE')).toEqual(['JOB boot of mainline']);
  expect(await names(writer, '4711')).toEqual(['JOB 4711']);
  expect(await names(writer, 'r2-07')).toEqual(['DEVICE juno-r2-07']);
  expect(await names(writer, 'v1')).toEqual(['BUILD v1']);
});

test('a name that only hidden jobs use is not found', async () => {
  const writer = await temporaryWriter();
  const hidden = jobOf({ externalId: '2', isPublic: false, device: 'secret-board', description: 'secret job' });
  await write(writer, 'alpha', changeOf(jobOf({ device: 'open' }), [suiteOf(['public-case'])]));
  await write(writer, 'alpha', changeOf(hidden, [suiteOf(['secret-case', 'public-case'])]));

  expect(await names(writer, 'secret')).toEqual([]);
  expect(await names(writer, 'public')).toEqual(['TEST public-case']);
  expect(await names(writer, 'secret', EVERYTHING)).toEqual([
    'TEST secret-case',
    'JOB secret job',
    'DEVICE secret-board',
  ]);
});

test('hits are those of a store without the hidden rows, however many of them there are', async () => {
  const sources = ['alpha', settings('secret', { visibility: 'RESTRICTED', teams: ['x'] })];
  const [open, crowded] = [await temporaryWriter(sources), await temporaryWriter(sources)];
  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`);
  const seen = [...numbered('zz needle', 30), ...numbered('xneedle', 15), ...numbered('needle-z', 20), 'needle'];
  const hide = async (number: string, cases: readonly string[]) => {
    const [of, isPublic] = Number(number) % 2 ? ['alpha', false] : ['secret', true];
    const job = jobOf({ externalId: number, isPublic, device: `needle-${number}`, description: `needle ${number}` });
    await write(crowded, of as string, changeOf(job, [suiteOf(cases)]));
  };
  await hide('11', seen.toReversed());
  for (const writer of [open, crowded]) {
    const job = jobOf({ device: 'needle-seen', description: 'a needle' });
    await write(writer, 'alpha', changeOf(job, [suiteOf(seen)]));
  }
  await hide('12', numbered('needle-a', 1_000));
  await hide('13', numbered('zz needle secret', 1_000));

  const found = async ({ store }: Writer, text: string, limit: number) =>
    (await search(store, ANONYMOUS, text, { limit })).map(({ kind, text: name, within }) => [kind, name, within]);
  for (const text of ['needle', 'ne', 'z', 'zz', 'needle-z-1', 'a', 'v1']) {
    for (const limit of [1, 21, 200]) {
      expect(await found(crowded, text, limit), `${text}, ${limit}`).toEqual(await found(open, text, limit));
    }
  }
  expect(await found(open, 'needle', 200)).toHaveLength(seen.length + 2);
});

test('what was corrected or removed is found as it is now', async () => {
  const writer = await temporaryWriter();
  await write(writer, 'alpha', changeOf(jobOf({ description: 'first words' }), [suiteOf(['old-case'])]));
  await write(writer, 'alpha', changeOf(jobOf({ description: 'second thoughts' }), [suiteOf(['new-case'])]));

  expect(await names(writer, 'first')).toEqual([]);
  expect(await names(writer, 'old-case')).toEqual([]);
  expect(await names(writer, 'thoughts')).toEqual(['JOB second thoughts']);
  expect(await names(writer, 'new-case')).toEqual(['TEST new-case']);

  const page = { limit: 1, after: null, before: null, backward: false };
  const [row] = (await listJobs(writer.store, EVERYTHING, {}, page)).rows;
  await writer.transaction(() => removeJob(writer, row?.id ?? 0));
  expect(await names(writer, 'thoughts')).toEqual([]);
  expect(await names(writer, 'new-case')).toEqual([]);
});

test('any text is a text', async () => {
  const writer = await temporaryWriter();
  const odd = ['a"b"c', 'nul\0nul', '100%_done', 'x AND y*', "it's", 'ÄÖÜ-test'];
  await write(writer, 'alpha', changeOf(jobOf({ description: null }), [suiteOf(odd)]));

  for (const name of odd) expect(await names(writer, name), name).toEqual([`TEST ${name}`]);
  expect(await names(writer, 'äöü')).toEqual(['TEST ÄÖÜ-test']);
  for (const text of ['"', '""', '%', '*', '_', '\0', '\ud800', 'NEAR(', 'a'.repeat(100_000), 'name:x OR', '   ', '^-'])
    expect(Array.isArray(await names(writer, text)), JSON.stringify(text.slice(0, 20))).toBe(true);
});
