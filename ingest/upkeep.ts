/** The store's own work: what a new version or new rules leave to be done, and a check that never ends. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Micros } from '#schema/records.ts';
import { applyRules, areRulesDue } from '#store/apply-rules.ts';
import { brokenRules } from '#store/mapping-rules.ts';
import { type OldLogs, readOldFailures } from '#store/old-failures.ts';
import { checkNext, isRebuildDue, rebuild } from '#store/rebuild.ts';
import { splitStored } from '#store/split-stored.ts';
import type { Writer } from '#store/writer.ts';

export type UpkeepDeps = { writer: Writer; now: () => Micros; log: Logger; signal: AbortSignal };

/** Between two looks at the rules, and at the splits. */
const LOOK_MS = 2_000;
const EVERY_MS = 60_000;
/** A slice that takes long makes the next one wait longer, so that checking takes at most this share of a core. */
const SHARE = 0.01;
/** Of logs that are read again: so many at a time, and this share of a core. */
const LOGS = 20;
const LOGS_SHARE = 0.1;
/** Of a core, while failures move to the parts of a group. */
const SPLIT_SHARE = 0.2;

/** What must be done before a source is read. Cut short by the signal, it goes on where it ended the next time. */
export async function prepareStore({ writer, now, log, signal }: UpkeepDeps): Promise<void> {
  if (await isRebuildDue(writer.store.sql)) {
    log.warn('this version orders histories anew: derived tables are rebuilt');
    const differences = await rebuild(writer, now(), { signal });
    if (signal.aborted) return;
    log.warn({ differences }, 'derived tables are rebuilt');
  }
  await placeAnew({ writer, now, log, signal });
}

async function placeAnew({ writer, now, log, signal }: UpkeepDeps): Promise<void> {
  const moved = await applyRules(writer, now, signal);
  if (moved > 0) log.warn({ jobs: moved }, 'mapping rules have changed: jobs moved to other builds');
  const { rules } = await writer.transaction(() => writer.rules());
  for (const broken of brokenRules(rules))
    log.error(broken, 'a mapping rule cannot be run: it places no job until it is changed');
}

/** Applies what people change of the mapping rules in the browser, until the signal comes. */
export async function keepPlacing(deps: UpkeepDeps, lookMs = LOOK_MS): Promise<void> {
  const { writer, log, signal } = deps;
  let delay = lookMs;
  while (!signal.aborted) {
    await wait(delay, null, { signal }).catch(() => null);
    if (signal.aborted) return;
    delay = lookMs;
    try {
      if (await areRulesDue(writer.store)) await placeAnew(deps);
    } catch (cause) {
      log.error({ err: cause }, 'placing jobs by changed mapping rules broke');
      delay = EVERY_MS;
    }
  }
}

/** Reads stored logs for kernel faults, where a version before this one did not or found others; ends when all were. */
export async function keepReadingLogs({ writer, log, signal }: UpkeepDeps): Promise<void> {
  const onUnreadable: OldLogs['onUnreadable'] = (job, cause) =>
    log.warn({ ...job, err: cause }, 'a stored log cannot be read: what is known of its failures stays');
  let delay = 0;
  while (!signal.aborted) {
    await wait(delay, null, { signal }).catch(() => null);
    const began = performance.now();
    try {
      if (!(await readOldFailures(writer, LOGS, { signal, onUnreadable }))) return;
      delay = (performance.now() - began) / LOGS_SHARE;
    } catch (cause) {
      log.error({ err: cause }, 'reading stored logs for failures broke');
      delay = EVERY_MS;
    }
  }
}

/** Puts failures that are stored into the groups that people split, until the signal comes. */
export async function keepSplitting({ writer, log, signal }: UpkeepDeps, lookMs = LOOK_MS): Promise<void> {
  let delay = 0;
  while (!signal.aborted) {
    await wait(delay, null, { signal }).catch(() => null);
    if (signal.aborted) return;
    const began = performance.now();
    try {
      const isMore = await splitStored(writer);
      delay = isMore ? (performance.now() - began) / SPLIT_SHARE : lookMs;
    } catch (cause) {
      log.error({ err: cause }, 'splitting failure groups broke');
      delay = EVERY_MS;
    }
  }
}

/** Checks derived tables against the facts, a slice a minute, until the signal comes. */
export async function keepChecking({ writer, now, log, signal }: UpkeepDeps): Promise<void> {
  let delay = EVERY_MS;
  while (!signal.aborted) {
    await wait(delay, null, { signal }).catch(() => null);
    if (signal.aborted) return;
    const began = performance.now();
    try {
      const found = await checkNext(writer, now());
      if (found && found.length > 0) {
        log.error({ differences: found }, 'derived tables differed from the facts and were mended: please report it');
      }
    } catch (cause) {
      log.error({ err: cause }, 'the check of derived tables broke');
    }
    delay = Math.max(EVERY_MS, (performance.now() - began) / SHARE);
  }
}
