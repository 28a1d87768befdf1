/** Starts and stops the real masters, and reads them by plain requests: independent of the adapter under test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const SCRIPTS = join(import.meta.dirname, 'masters');

export const LAB_ENV = {
  LAB_DIR: '/var/tmp/basalt-lab-test',
  LAB_BASE_PORT: '8131',
  LAB_WS_PORT: '8231',
  LAB_EVENT_PORT: '8331',
  LAB_PG_PORT: '25682',
  LAB_REDIS_PORT: '26682',
  LAB_FILES_PORT: '8197',
  LAB_SINK_PORT: '8198',
};

const Lab = z.object({
  masters: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      ws_url: z.string(),
      users: z.record(z.string(), z.object({ token: z.string() })),
    }),
  ),
});
export type Master = z.infer<typeof Lab>['masters'][number];

/** Runs one of the lab's scripts; its words go to standard error. */
export async function lab(script: string, ...args: string[]): Promise<string> {
  const child = spawn(join(SCRIPTS, script), args, {
    env: { ...process.env, ...LAB_ENV },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}\n${out}`);
  return out;
}

export async function startMasters(...args: string[]): Promise<Master[]> {
  await lab('up', ...args);
  return Lab.parse(JSON.parse(readFileSync(join(LAB_ENV.LAB_DIR, 'lab.json'), 'utf8'))).masters;
}

const Rows = z.object({ count: z.int(), results: z.array(z.record(z.string(), z.unknown())) });

/** Every row of a list, in one request: a master knows no maximum. */
export async function rowsOf(master: Master, path: string, token: string | null): Promise<Record<string, unknown>[]> {
  const response = await ask(master, `${path}${path.includes('?') ? '&' : '?'}limit=1000000`, token);
  const { count, results } = Rows.parse(await response.json());
  if (count !== results.length) throw new Error(`${path}: ${count} counted, ${results.length} given`);
  return results;
}

export async function logOf(master: Master, job: number, token: string): Promise<string | null> {
  const response = await ask(master, `jobs/${job}/logs/`, token);
  return response.status === 404 ? null : response.text();
}

async function ask(master: Master, path: string, token: string | null): Promise<Response> {
  return fetch(`${master.url}api/v0.2/${path}`, {
    headers: { accept: 'application/json', ...(token ? { authorization: `Token ${token}` } : {}) },
  });
}
