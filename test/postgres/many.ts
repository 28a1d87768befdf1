/** Two ingesters and two servers on one PostgreSQL store, killed in turn: what a lab with four machines would see. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { checkStore } from '#store/check.ts';
import { openStore } from '#store/open.ts';
import type { Store, StoreOptions } from '#store/store.ts';
import { FINISHED } from '#store/stored-job.ts';
import { readable } from '../store/readable.ts';

const ENTRY = join(import.meta.dirname, '../../cli/basalt.js');
type Place = Omit<StoreOptions, 'mode'>;

export type Outcome = {
  kills: number;
  /** From a kill until another ingester held what the dead one had read, seconds. */
  failovers: number[];
  /** Answers of the servers meanwhile. */
  answers: number;
};

type Member = { name: string; args: string[]; child: ChildProcess; said: string };

/** `env` names store and configuration. Ends with everything stopped in order. */
export async function killInTurn(env: NodeJS.ProcessEnv, place: Place, milliseconds: number): Promise<Outcome> {
  const members = [
    start('ingester 1', ['ingest'], env),
    start('server 1', ['serve', '--no-ingest'], env),
    start('ingester 2', ['ingest'], env),
    start('server 2', ['serve', '--no-ingest'], env),
  ];
  const outcome: Outcome = { kills: 0, failovers: [], answers: 0 };
  const store = await openStore({ ...place, mode: 'read' });
  const until = performance.now() + milliseconds;
  try {
    await wait(async () => (await store.schemaProblem()) === null, 60_000, members[0]);
    for (let turn = 0; performance.now() < until; turn++) {
      const victim = members[turn % members.length];
      if (!victim) throw new Error('nobody to kill');
      await wait(() => (victim.args[0] === 'ingest' ? holds(store, victim) : urlOf(victim) !== null), 60_000, victim);
      await sleep(300 + Math.random() * 2_000);
      const lost = await leasesOf(store, victim);
      const exit = once(victim.child, 'exit');
      victim.child.kill('SIGKILL');
      await exit;
      outcome.kills += 1;
      const began = performance.now();
      if (lost.length > 0) {
        await wait(async () => (await leasesOf(store, victim)).length === 0, 60_000, victim);
        outcome.failovers.push((performance.now() - began) / 1000);
      }
      for (const { name, args, said } of members) {
        const url = args[0] === 'serve' && name !== victim.name ? urlOf({ said }) : null;
        if (!url) continue;
        const response = await fetch(`${url}/graphql?query=${encodeURIComponent('{ jobs { totalCount } }')}`);
        assert.equal(response.status, 200, name);
        outcome.answers += 1;
      }
      members[turn % members.length] = start(victim.name, victim.args, env);
    }
    const killed = Date.now() * 1000;
    await wait(() => allRead(store, killed), 120_000);
    for (const member of members) {
      await wait(() => /is ready at|reads \d+ sources/.test(member.said), 60_000, member);
      const { child, said, name } = member;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null], `${name}: ${said}`);
    }
    return outcome;
  } finally {
    for (const { child } of members) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await store.close();
  }
}

/** The two stores hold the same, by names; the second is sound. */
export async function sameTables(wanted: Place, got: Place): Promise<void> {
  const [a, b] = [await openStore({ ...wanted, mode: 'read' }), await openStore({ ...got, mode: 'read' })];
  try {
    assert.deepEqual(await checkStore(b), []);
    const [should, is] = [await readable(a), await readable(b)];
    for (const [table, rows] of Object.entries(should)) {
      const found = is[table] ?? [];
      const [missing, added] = [without(rows, found), without(found, rows)];
      const apart = missing.slice(0, 3).map((row) => difference(row, added));
      assert.deepEqual([apart, missing.length, found.length], [[], 0, rows.length], table);
    }
  } finally {
    await a.close();
    await b.close();
  }
}

function without(rows: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return rows.filter((row) => !known.has(row));
}

/** The row, and where the one of `others` that is most like it says something else. */
function difference(row: string, others: readonly string[]) {
  const wanted = Object.entries(JSON.parse(row) as Record<string, unknown>);
  const apart = others.map((other) => {
    const got = JSON.parse(other) as Record<string, unknown>;
    return wanted.filter(([name, value]) => !isDeepStrictEqual(got[name], value)).map(([name]) => [name, got[name]]);
  });
  return { row, nearest: apart.sort((a, b) => a.length - b.length)[0] };
}

function start(name: string, args: string[], env: NodeJS.ProcessEnv): Member {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const member: Member = { name, args, child, said: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      member.said = (member.said + text).slice(-20_000);
    });
  }
  return member;
}

function urlOf({ said }: { said: string }): string | null {
  return /is ready at (\S+)/.exec(said)?.[1] ?? null;
}

/** Sources the process holds, by its number in the owner's name. */
async function leasesOf({ sql }: Store, { child }: Member): Promise<number[]> {
  const rows = await sql.all<{ id: number }>(
    "SELECT source_id AS id FROM lease WHERE owner LIKE '% ' || CAST(? AS TEXT) || ' %'",
    String(child.pid),
  );
  return rows.map((row) => row.id);
}

async function holds(store: Store, member: Member): Promise<boolean> {
  return (await leasesOf(store, member)).length > 0;
}

/** Every source has been read whole since, and what had ended is final: a job that ended minutes ago is at the second look. */
async function allRead({ sql }: Store, since: number): Promise<boolean> {
  const row = await sql.get<{ n: number }>(
    `SELECT (SELECT count(*) FROM source WHERE last_success_at IS NULL OR last_success_at < ?)
       + (SELECT count(*) FROM job WHERE state = ${FINISHED} AND settled = 0) AS n`,
    since,
  );
  return row?.n === 0;
}

async function wait(done: () => boolean | Promise<boolean>, patience: number, who?: Member): Promise<void> {
  const until = performance.now() + patience;
  while (!(await done())) {
    if (performance.now() > until) throw new Error(`waited ${patience} ms in vain: ${who?.name} ${who?.said}`);
    await sleep(100);
  }
}
