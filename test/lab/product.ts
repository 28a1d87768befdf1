/** The product as a user runs it, on the real masters. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Master } from './masters.ts';

const ENTRY = join(import.meta.dirname, '../../cli/basalt.js');
export const POLL_SECONDS = 5;

export type Served = {
  url: string;
  query<T>(text: string, variables?: object, token?: string): Promise<T>;
  /** By SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

type Pace = { poll: string; settleSeconds: number; budget?: { concurrent: number; perMinute: number } };
const OFTEN: Pace = { poll: `*/${POLL_SECONDS} * * * * *`, settleSeconds: 2 };

/** `store`: another than a file in the data folder. */
export function environment(
  masters: readonly Master[],
  data: string,
  store?: string,
  pace: Pace = OFTEN,
): NodeJS.ProcessEnv {
  const config = join(dirname(data), 'basalt.yaml');
  mkdirSync(dirname(data), { recursive: true });
  const sources = masters.map((master) => ({
    slug: master.name,
    url: master.url,
    token: { env: `TOKEN_${master.name}` },
    budget: { concurrent: 4, perMinute: 6000 },
    ...pace,
  }));
  writeFileSync(
    config,
    JSON.stringify({
      sources,
      ...(store && { store: { env: 'STORE' } }),
      access: { tokens: [{ login: 'admin', token: { env: 'ADMIN_TOKEN' }, role: 'admin' }] },
      // What is compared is everything there is, as fast as it is told.
      limits: { costPerMinute: 1e9 },
    }),
  );
  return {
    ...process.env,
    BASALT_CONFIG: config,
    BASALT_DATA: data,
    ADMIN_TOKEN: 'sesame',
    ...(store && { STORE: store }),
    PORT: '0',
    BASALT_LOG_LEVEL: 'warn',
    ...Object.fromEntries(masters.map((master) => [`TOKEN_${master.name}`, master.users['sync-reader']?.token])),
  };
}

export function createProduct(masters: readonly Master[], data: string, pace: Pace = OFTEN) {
  const env = environment(masters, data, undefined, pace);
  return {
    /** Runs a command to its end and gives all it said. @throws when it ends with another code than 0. */
    async run(...args: string[]): Promise<string> {
      const { code, out } = await this.end(...args);
      if (code !== 0) throw new Error(`basalt ${args.join(' ')} ended with ${code}\n${out}`);
      return out;
    },
    /** As `run`, whatever the code. */
    async end(...args: string[]): Promise<{ code: number | null; out: string }> {
      const child = spawn(process.execPath, [ENTRY, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          out += chunk;
        });
      }
      const [code] = await once(child, 'close');
      return { code, out };
    },
    async serve(...args: string[]): Promise<Served> {
      const child = spawn(process.execPath, [ENTRY, 'serve', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      const url = await new Promise<string>((resolve, reject) => {
        child.once('exit', (code) => reject(new Error(`basalt serve ended with ${code}`)));
        child.stdout.on('data', (chunk: Buffer) => {
          const ready = /is ready at (\S+)/.exec(chunk.toString());
          if (ready?.[1]) resolve(ready[1]);
        });
      });
      return {
        url,
        async query<T>(query: string, variables: object = {}, token?: string) {
          const response = await fetch(`${url}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
            body: JSON.stringify({ query, variables }),
          });
          const body = (await response.json()) as { data: T; errors?: unknown };
          if (body.errors) throw new Error(JSON.stringify(body.errors));
          return body.data;
        },
        async kill() {
          const exit = once(child, 'exit');
          child.kill('SIGKILL');
          await exit;
        },
        async stop() {
          const exit = once(child, 'exit');
          child.kill('SIGTERM');
          const [code] = await exit;
          if (code !== 0) throw new Error(`basalt serve ended with ${code} on SIGTERM`);
        },
      };
    },
  };
}
