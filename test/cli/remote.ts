/** The commands that ask a server, as a script runs them: no store, no configuration, a home of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

export type Run = { code: number | null; out: string; err: string };

export function remote(url: string | null, more: Record<string, string> = {}) {
  const home = temporaryFolder();
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    ...(url === null ? {} : { BASALT_URL: url }),
    ...more,
  };
  const start = (...args: string[]) => spawn(process.execPath, [entry, ...args], { env, cwd: home });
  const given = async (input: string, ...args: string[]): Promise<Run> => {
    const child = start(...args);
    child.stdin.end(input);
    const ended = once(child, 'close');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    return { code: child.exitCode, out, err };
  };
  return { home, env, start, given, run: (...args: string[]) => given('', ...args) };
}

/** Of a server that is not there any more. */
export async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
