/** The command where the system gives it little. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openStore } from '#store/open.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { replayedMasters } from './masters.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const LIMITS = 'ulimit -n 64 && exec "$0" --max-old-space-size=256 "$@"';

test('T-53: three masters are read with 64 file handles and 256 MB', async () => {
  const folder = temporaryFolder();
  const { env, data } = await replayedMasters(folder);
  const child = spawn('/bin/sh', ['-c', LIMITS, process.execPath, entry, 'sync', '--once'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit');
  const [, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(await exit, stderr).toEqual([0, null]);
  const store = await openStore({ url: `sqlite:${join(data, 'basalt.db')}`, mode: 'read' });
  const rows = await store.sql.all<{ error: string | null; jobs: number }>(
    'SELECT s.last_error AS error, (SELECT count(*) FROM job j WHERE j.source_id = s.id) AS jobs FROM source s',
  );
  await store.close();
  expect(rows.map(({ error, jobs }) => [error, jobs > 0])).toEqual(rows.map(() => [null, true]));
  expect(rows.length).toBe(3);
});
