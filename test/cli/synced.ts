/** The command, as an admin runs it, over one master. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openStore } from '#store/open.ts';
import { removeJob } from '#store/remove-job.ts';
import { createWriter } from '#store/writer.ts';
import { type FakeMaster, TOKEN } from '../adapters/fake-master.ts';
import { showJobs } from '../adapters/fake-rpc.ts';
import { temporaryFolder } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
/** A configuration that names the master, and its jobs read by the command. */
export async function synced(master: FakeMaster) {
  master.rpc = showJobs();
  const folder = temporaryFolder();
  const source = { slug: 'lab', url: master.url, token: { env: 'MASTER_TOKEN' }, settleSeconds: 0 };
  writeFileSync(join(folder, 'basalt.yaml'), JSON.stringify({ sources: [source] }));
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: `${join(import.meta.dirname, '../../node_modules/.bin')}:/usr/bin:/bin`,
    BASALT_CONFIG: join(folder, 'basalt.yaml'),
    BASALT_DATA: folder,
    MASTER_TOKEN: TOKEN,
  };
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const exit = once(child, 'exit');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await exit;
    return { code: child.exitCode, stdout, stderr };
  };
  const url = `sqlite:${join(folder, 'basalt.db')}`;
  /** As if it had never been read. */
  const lose = async (id: number) => {
    const store = await openStore({ url, mode: 'write' });
    const writer = createWriter(store, []);
    const row = await store.sql.get<{ id: number }>('SELECT id FROM job WHERE external_id = ?', String(id));
    await writer.transaction(() => removeJob(writer, row?.id ?? 0));
    await store.close();
  };
  await run('sync', '--once');
  return { master, run, lose, url, folder };
}
