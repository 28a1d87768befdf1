/** A lab behind a firewall: what its agent reads arrives whole, whatever happens in between. */
import { expect, test } from 'vitest';
import { syncSource } from '#ingest/sync.ts';
import { addJob, openJob } from '../adapters/fake-master.ts';
import { readable } from '../store/readable.ts';
import { temporaryWriter } from '../store/temporary.ts';
import { type AgentsLab, agentsBasalt, agentsLab, silent } from './agent-world.ts';
import { upTo } from './audit-world.ts';

const MINUTE = 60_000_000;

/** What a Basalt that reads the master itself has stored. */
async function readDirectly({ adapter }: AgentsLab, at: number): Promise<Record<string, string[]>> {
  const writer = await temporaryWriter(['lab']);
  const { signal } = new AbortController();
  const deps = { writer, adapter, slug: 'lab', now: () => at, signal, log: silent, onFinished: () => undefined };
  const report = await syncSource({ ...deps, refresh: { probe: true, fleet: true } }, 'SCHEDULE');
  expect(report).toMatchObject({ state: 'succeeded', error: null });
  return readable(writer.store);
}

async function world() {
  const clock = { at: Date.now() * 1000 };
  const basalt = await agentsBasalt(clock);
  const lab = await agentsLab(clock, { url: basalt.url });
  return { clock, basalt, lab };
}

test('what comes by an agent is stored as what is read directly', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(40)) addJob(lab.master, id);
  openJob(lab.master, 41);
  expect(await lab.read()).toMatchObject({ state: 'succeeded', jobs: 41 });
  expect(await lab.sendAll()).toMatchObject({ state: 'sent' });
  expect(basalt.news.length).toBeGreaterThan(0);

  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', jobsRead: 41, jobsWritten: 41, rejected: 0 });

  expect(await readable(basalt.writer.store)).toEqual(await readDirectly(lab, clock.at));
  expect(await basalt.waiting()).toBe(0);
  expect(await basalt.source()).toMatchObject({ version: '2023.01', lastSuccessAt: clock.at, kind: 'LAVA' });
  expect((await basalt.source()).capabilities).toContain('agent');
});
