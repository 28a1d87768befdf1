import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { logPath } from '#store/log-file.ts';
import { addFailure, OOPS, timedOut } from '../store/failing-world.ts';
import { fileIn, temporaryFolder, temporaryWriter } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

test('a rebuild reads the logs that no version has read, and tells of those it cannot', {
  timeout: 60_000,
}, async () => {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha'], fileIn(folder));
  for (const number of [1, 2]) await addFailure(writer, 'alpha', number, timedOut('rpi-1', 1), [`${number}`, ...OOPS]);
  const { sql, logDir } = writer.store;
  const log = await sql.get<{ hash: Buffer }>(
    "SELECT l.hash FROM job j JOIN log l ON l.id = j.log_id WHERE j.external_id = '2'",
  );
  const path = logPath(logDir, log?.hash ?? Buffer.of());
  writeFileSync(path, readFileSync(path).subarray(9));
  for (const table of ['failure_occurrence', 'job_failure'])
    await sql.run(`DELETE FROM ${table} WHERE job_id IN (SELECT id FROM job WHERE external_id = '1')`);

  writeFileSync(join(folder, 'basalt.yaml'), JSON.stringify({ sources: [] }));
  const run = async () => {
    const env = { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder };
    const child = spawn(process.execPath, [entry, 'doctor', '--rebuild'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, progress, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { said, progress, code };
  };
  const first = await run();
  expect(first.said).toBe('the stored log of alpha job 2 cannot be read\n');
  expect(first.progress).toContain('stored logs: 2 jobs, 1 of them damaged\n');
  expect(first.progress).toContain('derived tables: 0 differences\n');
  expect(first.code).toBe(0);
  expect(await sql.get('SELECT count(*) AS n FROM failure_occurrence')).toEqual({ n: 2 });
  expect((await run()).progress).not.toContain('stored logs');
});
