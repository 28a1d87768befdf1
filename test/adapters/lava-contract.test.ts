import { describe, expect } from 'vitest';
import { adapterContract, context } from '../contract/adapter.ts';
import { addJob, finishJob, openJob, type Rpc, send, startMaster } from './fake-master.ts';
import { giveTables } from './fake-rpc.ts';
import { openLava } from './open-lava.ts';

const world =
  (rpc: Rpc | null): Parameters<typeof adapterContract>[0] =>
  async () => {
    const master = await startMaster();
    master.rpc = rpc;
    const { adapter, http } = openLava(master);
    // What the results are read by is decided when the source is asked what it is.
    addJob(master, 1);
    await adapter.probe(context());
    master.jobs.clear();
    return {
      adapter,
      addFinished: (id) => addJob(master, id),
      addRunning: (id) => openJob(master, id),
      finish: (id) => finishJob(master, id, new Date(Date.now() - 3_000)),
      answerOnly(requests) {
        const last = master.asked.length + (requests ?? Number.POSITIVE_INFINITY);
        master.fault = (_, response, count) => count > last && send(response, 400, { detail: 'not today' });
      },
      fallSilent() {
        master.fault = () => true;
      },
      async close() {
        await http.close();
        await master.close();
        expect(master.unexpected).toEqual([]);
      },
    };
  };

describe('results as lists', () => adapterContract(world(null)));
describe('results as a table', () => adapterContract(world(giveTables())));
