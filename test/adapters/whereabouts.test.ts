import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { context } from '../contract/adapter.ts';
import { addJob, send } from './fake-master.ts';
import { giveTables, showJobs } from './fake-rpc.ts';
import { failureOf, lavaWorld } from './lava-world.ts';

const RECORDED = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/jobs-show.json'), 'utf8')));

describe('a job that the lists do not name', () => {
  const world = lavaWorld();
  const lookFor = (id: number) => world().adapter.lookFor(String(id), context());
  const conceal = (id: number) => {
    addJob(world().master, id);
    world().master.concealed.add(id);
  };

  test('L-13: is gone or hidden by XML-RPC, on every version', async () => {
    world().master.rpc = showJobs();
    conceal(6);
    expect([await lookFor(7), await lookFor(6), await lookFor(5)]).toEqual(['gone', 'hidden', 'there']);
  });

  test('is gone or hidden by its lists, where there is no XML-RPC and the version tells', async () => {
    world().master.tellsApart = true;
    conceal(6);
    expect([await lookFor(7), await lookFor(6), await lookFor(5)]).toEqual(['gone', 'hidden', 'there']);
  });

  test('is neither where there is no XML-RPC and the version does not tell', async () => {
    conceal(6);
    expect([await lookFor(7), await lookFor(6)]).toEqual(['unknown', 'unknown']);
  });

  test('is neither where XML-RPC has no such call, or refuses the user', async () => {
    const { master } = world();
    master.rpc = (_, __, ___, response) => showJobs()(master, '', undefined, response);
    expect(await lookFor(7)).toBe('unknown');
    master.rpc = (_, body, __, response) => showJobs()(master, body, 'Basic x', response);
    expect(await lookFor(7)).toBe('unknown');
  });

  test('is neither on a version whose lists fail for a job that is not there, which is read all the same', async () => {
    const { master, adapter } = world();
    const isNested = (path: string) => /jobs\/(0|7)\/suites/.test(path);
    master.fault = (asked, response) => isNested(asked.path) && send(response, 500, 'no job');
    expect((await adapter.probe(context())).capabilities).not.toContain('nested-visibility');
    expect(await lookFor(7)).toBe('unknown');
  });

  test('is not looked for when the source is ill', async () => {
    const { master } = world();
    master.rpc = showJobs();
    await lookFor(7);
    master.fault = (_, response) => send(response, 200, '<!doctype html>log in', { 'content-type': 'text/html' });
    expect((await failureOf(lookFor(7))).code).toBe('BAD_PAYLOAD');
  });

  test.each(Object.entries(RECORDED))('is understood as LAVA %s says it', async (name, answer) => {
    world().master.rpc = (_, __, ___, response) => response.writeHead(200, { 'content-type': 'text/xml' }).end(answer);
    expect(await lookFor(7)).toBe(name.split(' ')[1]);
  });

  test('leaves nothing of what is answered', async () => {
    const { master } = world();
    master.rpc = showJobs(giveTables());
    expect(JSON.stringify(await lookFor(5))).toBe('"there"');
    expect(await world().adapter.lookFor('a/../b', context())).toBe('unknown');
  });
});

describe('without a token', () => {
  const world = lavaWorld({ token: null });

  test('XML-RPC is not asked', async () => {
    const { master, adapter } = world();
    master.tellsApart = true;
    expect(await adapter.lookFor('7', context())).toBe('gone');
    expect(master.asked.filter(({ path }) => path === '/RPC2')).toEqual([]);
  });
});
