import { expect } from 'vitest';
import { adapterContract } from '../contract/adapter.ts';
import { addJob, finishJob, openJob, send, startMaster } from './fake-master.ts';
import { openLava } from './open-lava.ts';

adapterContract(async () => {
  const master = await startMaster();
  const { adapter, http } = openLava(master);
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
});
