import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getJob } from '#store/job.ts';
import { getLogSlice } from '#store/log.ts';
import { rebuild } from '#store/rebuild.ts';
import { retire } from '#store/retention.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

function withLog(text: string | null, truncated = false) {
  const change = changeOf(jobOf({ description: text ?? 'said again' }), []);
  if (!change.results) throw new Error('it has finished');
  if (text !== null) change.results.log = { bytes: [Buffer.from(text)], truncated };
  return change;
}

test('L-44, L-47: a log that comes in part takes the place of none that is whole or longer', async () => {
  const writer = await temporaryWriter();
  const { store } = writer;
  const text = async () => {
    const job = await getJob(store, ANONYMOUS, 'alpha', '1');
    const slice = await getLogSlice(store, ANONYMOUS, job?.id ?? 0, { from: 0, limit: 10, levels: null });
    return slice?.lines.map(({ raw }) => raw);
  };
  await write(writer, 'alpha', withLog('one\ntw', true));
  await write(writer, 'alpha', withLog('on', true));
  expect(await text()).toEqual(['one', 'tw']);
  await write(writer, 'alpha', withLog('one\ntwo\nthree\n'));
  await write(writer, 'alpha', withLog('one\ntwo\nth', true));
  expect(await text()).toEqual(['one', 'two', 'three']);
  expect(await store.sql.all('SELECT truncated FROM log')).toEqual([{ truncated: 0 }]);
  expect(await rebuild(writer, 0)).toEqual([]);
});

test('a log that the master has deleted since stays, until another one comes', async () => {
  const writer = await temporaryWriter();
  const { store } = writer;
  const lines = async () => {
    const job = await getJob(store, ANONYMOUS, 'alpha', '1');
    const slice = await getLogSlice(store, ANONYMOUS, job?.id ?? 0, { from: 0, limit: 10, levels: null });
    return [job?.description, slice?.lines.map(({ raw }) => raw)];
  };
  await write(writer, 'alpha', withLog('one\n'));

  expect(await write(writer, 'alpha', withLog(null))).toBe('written');
  expect(await lines()).toEqual(['said again', ['one']]);

  await write(writer, 'alpha', withLog('two\n'));
  expect(await lines()).toEqual(['two\n', ['two']]);
  expect(await store.sql.all('SELECT count(*) AS n FROM log')).toEqual([{ n: 1 }]);
  expect(await rebuild(writer, 0)).toEqual([]);
});

test('a log that breaks off does not replace a whole one, and one that comes again whole is whole', async () => {
  const writer = await temporaryWriter();
  const logs = () => writer.store.sql.all('SELECT bytes, truncated FROM log');
  await write(writer, 'alpha', withLog('one\ntw', true));
  expect(await logs()).toEqual([{ bytes: 6, truncated: 1 }]);
  await write(writer, 'alpha', withLog('one\ntwo\n', true));
  await write(writer, 'alpha', withLog('one\ntwo\n'));
  expect(await logs()).toEqual([{ bytes: 8, truncated: 0 }]);

  await write(writer, 'alpha', withLog('one\ntw', true));
  expect(await logs()).toEqual([{ bytes: 8, truncated: 0 }]);
  expect(await rebuild(writer, 0)).toEqual([]);
});

test('a log that retention has deleted is told as deleted after the job is read again without one', async () => {
  const writer = await temporaryWriter();
  const { store } = writer;
  await write(writer, 'alpha', withLog('one\n'));
  const source = await store.sql.get<{ id: number }>('SELECT id FROM source');
  await retire(writer, source?.id ?? 0, { logs: 1 }, () => 1_900_000_000_000_000);

  await write(writer, 'alpha', withLog(null));

  expect(await getJob(store, ANONYMOUS, 'alpha', '1')).toMatchObject({
    logId: null,
    logRemovedAt: 1_900_000_000_000_000,
  });
});

test('a log whose file is lost is told as lost, with what is known of it', async () => {
  const writer = await temporaryWriter();
  await write(writer, 'alpha', withLog('one\ntwo\n'));
  const { store } = writer;
  const id = (await getJob(store, ANONYMOUS, 'alpha', '1'))?.id ?? 0;
  const slice = (levels: string[] | null) => getLogSlice(store, ANONYMOUS, id, { from: 0, limit: 10, levels });
  expect(await slice(null)).toMatchObject({ isLost: false, totalLines: 2, lines: [{ raw: 'one' }, { raw: 'two' }] });

  rmSync(store.logDir, { recursive: true });
  for (const levels of [null, ['']]) {
    expect(await slice(levels)).toMatchObject({ isLost: true, totalLines: 2, bytes: 8, lines: [] });
  }
});

test('L-37: a result that only the log tells of stays in the log, and no case is made of it', async () => {
  const writer = await temporaryWriter();
  const { store } = writer;
  const signal = (name: string, result: string) =>
    `- {"dt": "2026-05-01T00:00:00.000001", "lvl": "results", "msg": {"case": "${name}", "definition": "0_smoke", "result": "${result}"}}\n`;
  const change = withLog(signal('read01', 'pass') + signal('read02', 'maybe'));
  if (!change.results) throw new Error('it has finished');
  const cases = [caseOf({ externalId: 11, name: 'read01' })];
  change.results.suites = [{ externalId: 1, name: '0_smoke', isSteps: false, cases }];
  await write(writer, 'alpha', change);

  const job = await getJob(store, ANONYMOUS, 'alpha', '1');
  const slice = await getLogSlice(store, ANONYMOUS, job?.id ?? 0, { from: 0, limit: 10, levels: null });
  expect(slice?.lines[1]?.raw).toContain('"case": "read02"');
  expect(job).toMatchObject({ pass: 1, fail: 0, skip: 0, unknown: 0 });
});
