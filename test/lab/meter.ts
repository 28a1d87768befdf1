/** What a master spends: statements of its database, by role; CPU of its processes and of PostgreSQL, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { LAB_ENV } from './masters.ts';

/** Of Linux: USER_HZ. */
const TICKS = 100;

export type Spent = { statements: number; webMs: number; databaseMs: number };

export type Meter = { read(): Promise<Spent>; close(): Promise<void> };

/** Statements are those of LAVA's own role; `webMs` is gunicorn's and the publisher's. */
export async function openMeter(master: string): Promise<Meter> {
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: Number(LAB_ENV.LAB_PG_PORT), user: 'lavachurn', password: 'lavalab' },
    database: `lava_${master}`,
  });
  await client.connect();
  return {
    async read() {
      const { rows } = await client.query<{ calls: string }>(
        `SELECT coalesce(sum(calls), 0)::text AS calls FROM pg_stat_statements
         WHERE userid = 'lavalab'::regrole AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return {
        statements: Number(rows[0]?.calls),
        webMs: cpuMs(pidOf(`${master}.gunicorn`)) + cpuMs(pidOf(`${master}.publisher`)),
        databaseMs: cpuMs(pidOf('postgres')),
      };
    },
    close: () => client.end(),
  };
}

export function minus(a: Spent, b: Spent): Spent {
  return {
    statements: a.statements - b.statements,
    webMs: a.webMs - b.webMs,
    databaseMs: a.databaseMs - b.databaseMs,
  };
}

function pidOf(name: string): number {
  return Number(readFileSync(join(LAB_ENV.LAB_DIR, 'pids', name), 'utf8').split(' ')[0]);
}

/** Of a process and of its children, those that have ended included. */
function cpuMs(pid: number): number {
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = statOf(entry);
    if (!stat || (Number(entry) !== pid && stat.parent !== pid)) continue;
    ticks += stat.own + (Number(entry) === pid ? stat.ended : 0);
  }
  return (ticks * 1000) / TICKS;
}

function statOf(pid: string): { parent: number; own: number; ended: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map(
      (i) => fields[i],
    );
    return { parent, own: user + system, ended: endedUser + endedSystem };
  } catch (cause) {
    // It has ended since it was listed.
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ESRCH')) return null;
    throw cause;
  }
}
