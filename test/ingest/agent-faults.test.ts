/**
 * Any history of a lab, read by its agent through crashes on either side, lost answers and batches that come twice: in the
 * end Basalt holds what the master holds. `BASALT_FAULT_RUNS=300 npx vitest run --project sqlite test/ingest/agent-faults.test.ts`
 * for more of them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceError } from '#adapters/error.ts';
import { syncSource } from '#ingest/sync.ts';
import { addJob, finishJob, openJob, send } from '../adapters/fake-master.ts';
import { readable } from '../store/readable.ts';
import { temporaryWriter } from '../store/temporary.ts';
import { type AgentsBasalt, type AgentsLab, agentsBasalt, agentsLab, type Clock, silent } from './agent-world.ts';

const RUNS = Number(process.env.BASALT_FAULT_RUNS || 12);
const MINUTE = 60_000_000;

type World = { clock: Clock; basalt: AgentsBasalt; lab: AgentsLab; sent: Buffer[]; last: number };
type Step = { name: string; run: (world: World) => Promise<unknown> };

/** As the agent's own way out, and everything that went by it is kept. */
const through = ({ lab, sent }: World, after: () => void = () => undefined) => ({
  async push(batch: Buffer, signal: AbortSignal) {
    sent.push(batch);
    const answer = await lab.pusher().push(batch, signal);
    after();
    return answer;
  },
});

const steps = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }).map((n): Step => ({ name: `${n} jobs end`, run: end(n) })) },
  { weight: 2, arbitrary: fc.constant<Step>({ name: 'a job begins', run: begin }) },
  { weight: 4, arbitrary: fc.constant<Step>({ name: 'the agent reads', run: ({ lab }) => lab.read() }) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0, max: 12 }).map(
      (n): Step => ({
        name: `the master fails after ${n} requests`,
        async run({ lab: { master, ...lab } }) {
          const most = master.asked.length + n;
          master.fault = (_, response, count) => count > most && send(response, 400, { detail: 'not today' });
          await lab.read();
          master.fault = null;
        },
      }),
    ),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ name: 'it pushes', run: (world) => world.lab.send(through(world)) }) },
  {
    weight: 2,
    arbitrary: fc.constant<Step>({
      name: 'the answer is lost',
      run: (world) =>
        world.lab.send(
          through(world, () => {
            throw new SourceError('UNREACHABLE', 'Basalt', 'the connection broke');
          }),
        ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (n): Step => ({
        name: 'an old batch comes once more',
        async run({ lab, sent }) {
          const batch = sent[n % Math.max(1, sent.length)];
          if (batch) await lab.pusher().push(batch, new AbortController().signal);
        },
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Step>({ name: 'the agent begins again', run: async ({ lab }) => lab.restart() }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ name: 'Basalt reads', run: ({ basalt }) => basalt.sync() }) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 20 }).map(
      (n): Step => ({
        name: `Basalt reads, and breaks off after ${n} looks`,
        run: ({ basalt }) => basalt.syncUntil(n),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ name: 'the history once more', run: ({ basalt }) => basalt.forget() }) },
);

const end = (n: number) => async (world: World) => {
  for (let i = 0; i < n; i++) addJob(world.lab.master, ++world.last);
};

async function begin(world: World): Promise<void> {
  openJob(world.lab.master, ++world.last);
}

test('whatever happens in between, in the end Basalt holds what the master holds', {
  timeout: RUNS * 15_000,
}, async () => {
  const history = fc.array(steps, { minLength: 5, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(history, async (list) => {
      const clock = { at: Date.now() * 1000 };
      const basalt = await agentsBasalt(clock);
      const lab = await agentsLab(clock, { url: basalt.url });
      const world: World = { clock, basalt, lab, sent: [], last: 0 };
      await end(15)(world);
      for (const { run } of list) {
        clock.at += MINUTE + 1_000;
        await run(world);
      }
      for (const { row } of lab.master.jobs.values())
        if (row.state !== 'Finished') finishJob(lab.master, row.id, new Date(clock.at / 1000 - 60_000 - row.id));
      // Once more after what is pushed may have told the agent to begin anew; and until no results may still come.
      for (let i = 0; i < 3; i++) {
        clock.at += 15 * MINUTE;
        await lab.read();
        expect(await lab.sendAll()).toMatchObject({ state: expect.stringMatching(/sent|anew/) });
        await basalt.sync();
      }
      expect(await basalt.source()).toMatchObject({ lastSuccessAt: clock.at, lastError: null, backlog: 0 });
      expect(await basalt.waiting()).toBe(0);
      const model = await temporaryWriter(['lab']);
      const { signal } = new AbortController();
      const deps = { writer: model, adapter: lab.adapter, slug: 'lab', now: () => clock.at, signal, log: silent };
      await syncSource({ ...deps, onFinished: () => undefined, refresh: { probe: true, fleet: true } }, 'SCHEDULE');
      expect(await readable(basalt.writer.store)).toEqual(await readable(model.store));
    }),
    { numRuns: RUNS },
  );
});

test('Basalt may break off between any two steps of a sync: nothing is lost, nothing comes twice', async () => {
  const clock = { at: Date.now() * 1000 };
  const basalt = await agentsBasalt(clock);
  const lab = await agentsLab(clock, { url: basalt.url });
  let last = 0;
  for (let looks = 0; looks < 32; looks++) {
    clock.at += MINUTE;
    for (let i = 0; i < 2; i++) addJob(lab.master, ++last);
    await lab.read();
    await lab.sendAll();
    await basalt.syncUntil(looks);
    expect(await basalt.sync(), `broken off after ${looks}`).toMatchObject({ state: 'succeeded' });
    expect(await basalt.storedIds(), `broken off after ${looks}`).toEqual(
      Array.from({ length: last }, (_, i) => i + 1),
    );
    expect(await basalt.waiting()).toBe(0);
  }
});
