import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { addJob, startMaster, TOKEN } from '../adapters/fake-master.ts';
import { temporaryFolder } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

test('L-18: the doctor tells of a master that is registered by two addresses', { timeout: 60_000 }, async () => {
  const master = await startMaster();
  onTestFinished(() => master.close());
  for (let id = 1; id <= 5; id++) addJob(master, id);
  const folder = temporaryFolder();
  const of = (slug: string, url: string) => ({ slug, url, token: { env: 'MASTER_TOKEN' }, settleSeconds: 0 });
  const sources = [of('inside', master.url), of('outside', master.url.replace('127.0.0.1', 'localhost'))];
  writeFileSync(join(folder, 'basalt.yaml'), JSON.stringify({ sources }));
  const run = async (...args: string[]) => {
    const env = {
      ...process.env,
      BASALT_CONFIG: join(folder, 'basalt.yaml'),
      BASALT_DATA: folder,
      MASTER_TOKEN: TOKEN,
    };
    const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { said, code };
  };
  expect((await run('sync', '--once')).code).toBe(0);
  const { said, code } = await run('doctor');
  expect(code).not.toBe(0);
  expect(said).toContain('FAIL inside: reads the same master as outside (5 jobs of the newest are the same)');
});
