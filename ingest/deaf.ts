/** Notices a source that says it tells of jobs and does not: one event of a row that is not there silences a master for good. */
import type { Logger } from 'pino';

/** So many jobs ended without a word since the last one. */
const ENOUGH = 10;
const REMEMBERED = 1_000;

export type Deafness = {
  heard(externalId: string): void;
  /** A poll found the job to have ended. */
  found(externalId: string): void;
};

export function watchDeafness(log: Logger): Deafness {
  const heard = new Set<string>();
  const missed = new Set<string>();
  return {
    heard(externalId) {
      missed.clear();
      heard.add(externalId);
      const [oldest] = heard;
      if (heard.size > REMEMBERED && oldest !== undefined) heard.delete(oldest);
    },
    found(externalId) {
      if (heard.has(externalId) || missed.size >= ENOUGH) return;
      missed.add(externalId);
      if (missed.size === ENOUGH)
        log.warn(
          { jobs: ENOUGH },
          'jobs end and no event tells of them: restart lava-publisher; polls find them meanwhile',
        );
    },
  };
}
