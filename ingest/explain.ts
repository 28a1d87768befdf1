/** Holds known issues against the jobs that were stored before them, beside the work, until the signal comes. */
import { setTimeout as wait } from 'node:timers/promises';
import { explainStored } from '#store/explain-stored.ts';
import type { UpkeepDeps } from './upkeep.ts';

/** How often new and changed issues are looked for, and the share of a core that is spent on them. */
const EVERY_MS = 5_000;
const SHARE = 0.2;

export async function keepExplaining({ writer, log, signal }: UpkeepDeps): Promise<void> {
  const told = new Set<string>();
  let isFirst = true;
  let delay = 0;
  while (!signal.aborted) {
    await wait(delay, null, { signal }).catch(() => null);
    if (signal.aborted) return;
    const began = performance.now();
    try {
      if (isFirst) await writer.transaction(() => writer.issues.current());
      isFirst = false;
      const isMore = await explainStored(writer);
      for (const { id, revision, problem } of writer.issues.broken()) {
        if (told.has(`${id}/${revision}`)) continue;
        told.add(`${id}/${revision}`);
        log.error(
          { issue: id, problem },
          'the rule of a known issue cannot be run: it explains nothing until it is changed',
        );
      }
      delay = isMore ? (performance.now() - began) / SHARE : EVERY_MS;
    } catch (cause) {
      log.error({ err: cause }, 'holding known issues against stored jobs broke');
      delay = EVERY_MS;
    }
  }
}
