/** The ingest thread hears of a job from outside, and from its master. */
import { EventEmitter } from 'node:events';
import { onTestFinished, test } from 'vitest';
import { parseConfig } from '#cli/config.ts';
import { type IngestEvents, startIngest } from '#cli/ingest.ts';
import { addJob, jobEvent, startMaster, TOKEN } from '../adapters/fake-master.ts';
import { soon } from '../soon.ts';
import { temporaryFolder } from '../store/temporary.ts';

test('a hint and an event reach the ingest thread, long before the poll', async () => {
  const master = await startMaster();
  onTestFinished(() => master.close());
  addJob(master, 1);
  const source = { slug: 'lab', url: master.url, token: { env: 'T' }, settleSeconds: 0, poll: '0 0 29 2 *' };
  const config = parseConfig(JSON.stringify({ sources: [source] }), '/etc/basalt.yaml', {
    T: TOKEN,
    BASALT_DATA: temporaryFolder(),
    BASALT_LOG_LEVEL: 'silent',
  });
  const events: IngestEvents = new EventEmitter();
  const finished: string[] = [];
  events.on('jobFinished', ({ externalId }) => finished.push(externalId));
  const ingest = await startIngest(config, events);
  onTestFinished(() => ingest.stop());
  await soon(() => finished).toEqual(['1']);
  await soon(() => master.listeners.size).toBe(1);
  addJob(master, 2);
  ingest.hint('lab', '2');
  ingest.hint('nowhere', '2');
  await soon(() => finished).toEqual(['1', '2']);
  addJob(master, 3);
  master.tell(jobEvent(3, 'Finished'));
  await soon(() => finished).toEqual(['1', '2', '3']);
});
