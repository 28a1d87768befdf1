/** Each kind of damage to a derived table is found, counted and mended by a rebuild. */
import { expect, test } from 'vitest';
import type { MappingRule } from '#analysis/build-mapping.ts';
import type { TestResult } from '#schema/records.ts';
import { applyRules } from '#store/apply-rules.ts';
import { rebuild } from '#store/rebuild.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { readable } from './readable.ts';
import { temporaryWriter, write } from './temporary.ts';

const NOW = 1_790_000_000_000_000;

async function filled(jobs = 6): Promise<Writer> {
  const writer = await temporaryWriter();
  for (let number = 1; number <= jobs; number++) {
    const submitAt = 1_780_000_000_000_000 + number * 3_600_000_000;
    const results: TestResult[] = ['PASS', number % 2 === 0 ? 'FAIL' : 'PASS'];
    const job = jobOf({
      externalId: String(number),
      submitAt,
      startAt: submitAt + 5_000_000,
      endAt: submitAt + 65_000_000,
      metadata: { 'git-tree': 'mainline', 'git-describe': `v${number}`, 'git-branch': 'master' },
    });
    const cases = results.map((result, i) => caseOf({ externalId: number * 10 + i, name: `case${i}`, result }));
    await write(writer, 'alpha', changeOf(job, [{ externalId: number, name: '0_smoke', isSteps: false, cases }]));
  }
  return writer;
}

const first = (table: string, key: string) => `(${key}) IN (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT 1)`;

test.each([
  ['env_day', 'env_id, day', 'pass = pass + 1'],
  ['project_day', 'env_id, day, project_id', 'complete = 0'],
  ['device_day', 'env_id, day, device_id', 'busy_seconds = 1'],
  ['queue_week', 'env_id, week', 'waits = ?'],
  ['build_env', 'build_id, env_id', 'infrastructure = 1'],
  ['build_suite', 'build_id, suite_id, env_id', 'runs = 7'],
  ['flip_day', 'env_id, day', 'flips = ?'],
  ['suite_history', 'env_id, suite_id, branch_id, at, number, job_id, ord', 'changes = ?'],
])('%s: a row lost and a row that lies are mended', async (table, key, lie) => {
  const writer = await filled();
  const sound = await readable(writer.store);
  expect(await rebuild(writer, NOW)).toEqual([]);

  const values = lie.endsWith('?') ? [Buffer.of(2)] : [];
  await writer.store.sql.run(`UPDATE ${table} SET ${lie} WHERE ${first(table, key)}`, ...values);
  const wrong = await rebuild(writer, NOW);
  expect(wrong).toEqual([{ table, missing: 0, extra: 0, wrong: 1 }]);
  expect(await readable(writer.store)).toEqual(sound);

  await writer.store.sql.run(`DELETE FROM ${table} WHERE ${first(table, key)}`);
  const missing = await rebuild(writer, NOW);
  expect(missing.filter((d) => d.table === table)).toEqual([{ table, missing: 1, extra: 0, wrong: 0 }]);
  expect(await readable(writer.store)).toEqual(sound);
});

test.each([
  ['env_day', 'INSERT INTO env_day (env_id, day, pass) SELECT env_id, 1, 5 FROM env_day LIMIT 1'],
  ['queue_week', 'INSERT INTO queue_week (env_id, week, waits) SELECT env_id, 1, waits FROM queue_week LIMIT 1'],
  ['flip_day', 'INSERT INTO flip_day (env_id, day, flips) SELECT env_id, 1, flips FROM flip_day LIMIT 1'],
  [
    'suite_history',
    'INSERT INTO suite_history SELECT env_id, suite_id, branch_id, at + 7, number, job_id, ord, shape_id, changes FROM suite_history LIMIT 1',
  ],
])('%s: a row that should not be is taken away', async (table, plant) => {
  const writer = await filled();
  const sound = await readable(writer.store);
  await writer.store.sql.run(plant);

  expect(await rebuild(writer, NOW)).toContainEqual({ table, missing: 0, extra: 1, wrong: 0 });

  expect(await readable(writer.store)).toEqual(sound);
  expect(await rebuild(writer, NOW)).toEqual([]);
});

test('derived tables that are all gone come back', async () => {
  const writer = await filled();
  const sound = await readable(writer.store);
  for (const table of ['suite_history', 'flip_day', 'env_day', 'build_suite', 'build_env']) {
    await writer.store.sql.run(`DELETE FROM ${table}`);
  }

  const found = await rebuild(writer, NOW);

  expect(found).toContainEqual({ table: 'suite_history', missing: 6, extra: 0, wrong: 0 });
  expect(await readable(writer.store)).toEqual(sound);
});

test('new mapping rules move every job stored before, and a run that was cut short goes on', async () => {
  const rules: MappingRule[] = [{ project: 'all', match: { 'git-describe': '*' }, build: 'one' }];
  const old = await filled(450);
  await applyRules(old, () => NOW);
  const writer = createWriter(old.store, rules);
  const stop = new AbortController();
  const cut = await applyRules(
    {
      ...writer,
      transaction: (body) => {
        stop.abort();
        return writer.transaction(body);
      },
    },
    () => NOW,
    stop.signal,
  );
  // One transaction: so many as were moved in its time.
  expect(cut).toBeGreaterThan(0);
  expect(cut).toBeLessThanOrEqual(200);

  expect(await applyRules(writer, () => NOW)).toBe(450 - cut);

  expect(await applyRules(writer, () => NOW)).toBe(0);
  expect((await readable(writer.store)).build_env).toEqual([expect.stringContaining('"all/one"')]);
  expect(await rebuild(writer, NOW)).toEqual([]);
});
