/** How sources do, looked at once a second for everybody who listens, whatever process changes it; else not at all. */
import type { FastifyBaseLogger } from 'fastify';
import type { Viewer } from '#schema/viewer.ts';
import { allSources, statusOf } from '#store/source.ts';
import type { Store } from '#store/store.ts';
import { newestRuns } from '#store/sync-run.ts';
import { createTopic, type Topic } from './topic.ts';

const LOOK_MS = 1_000;
/** Finds out where something is new; what it is, each listener is told by a query of his own. */
const WATCHER: Viewer = { kind: 'everything' };

export type SourceWatch = {
  /** Slugs of sources whose status has changed. */
  status: Topic<string>;
  /** Slugs of sources with a run that began, went on or ended. */
  runs: Topic<string>;
  close(): void;
};

type Options = { store: Store; now: () => number; log: FastifyBaseLogger };

export function createSourceWatch({ store, now, log }: Options): SourceWatch {
  const status = createWatched(async () => {
    const rows = await allSources(store, WATCHER);
    return new Map(rows.map((row) => [row.slug, statusOf(row, now()).status]));
  }, log);
  const runs = createWatched(() => newestRuns(store), log, true);
  return {
    status: status.topic,
    runs: runs.topic,
    close() {
      status.close();
      runs.close();
    },
  };
}

/** Tells the keys whose value is another than a second ago; at first all, where listeners know what they have heard. */
function createWatched(read: () => Promise<Map<string, string>>, log: FastifyBaseLogger, tellsAll = false) {
  let before: Map<string, string> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      const found = await read();
      const known = before;
      before = timer ? found : null;
      for (const [key, value] of found) if (known ? known.get(key) !== value : tellsAll) topic.publish(key);
    } catch (err) {
      log.warn({ err }, 'how sources do could not be looked up for those who listen');
    }
    isLooking = false;
  };
  const close = () => {
    if (timer) clearInterval(timer);
    timer = null;
    before = null;
  };
  const topic = createTopic<string>(() => {
    if (topic.listenerCount() === 0) return close();
    if (timer) return;
    timer = setInterval(() => void look(), LOOK_MS).unref();
    void look();
  });
  return { topic, close };
}
