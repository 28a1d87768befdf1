/** `basalt quarantine list, show, replay, discard`: what could not be understood. */
import { SourceError } from '#adapters/error.ts';
import { createRepairer } from '#ingest/audit-repair.ts';
import type { Held } from '#ingest/leases.ts';
import type { ScheduledSource } from '#ingest/schedule.ts';
import {
  type DeadLetter,
  discardDeadLetter,
  getDeadLetter,
  listDeadLetters,
  listQuarantinedJobs,
} from '#store/dead-letter.ts';
import { InvalidInput } from '#store/error.ts';
import { lockIngest } from '#store/ingest-lock.ts';
import { getJobFate } from '#store/write-audit.ts';
import { getSyncState } from '#store/write-source.ts';
import { chosenSources } from './chosen-sources.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { withLeases } from './held-sources.ts';
import { inSession, type Session } from './session.ts';
import { withStore, withWriter } from './with-store.ts';

const LISTED = 200;

/** Found something: exit 1. */
export async function listQuarantine(config: Config, slug: string | null): Promise<number> {
  const { letters, count } = await withStore(config, 'read', async (store) => {
    await chosenSources(config, store, slug);
    return listDeadLetters(store, slug, LISTED);
  });
  for (const letter of letters) process.stdout.write(`${lineOf(letter)}\n`);
  if (count > letters.length) process.stdout.write(`... and ${count - letters.length} more: name a source\n`);
  if (count === 0) process.stdout.write('nothing is in quarantine\n');
  return count === 0 ? EXIT.ok : EXIT.findings;
}

/** What it is on standard error, its bytes on standard output. */
export async function showQuarantined(config: Config, id: string): Promise<number> {
  const letter = await withStore(config, 'read', (store) => getDeadLetter(store, numberOf(id)));
  process.stderr.write(`${lineOf(letter)}\nat ${letter.path}\n`);
  process.stdout.write(letter.raw);
  return EXIT.ok;
}

export async function discardQuarantined(config: Config, id: string): Promise<number> {
  const letter = await withWriter(config, (writer) => discardDeadLetter(writer, numberOf(id)));
  process.stdout.write(`discarded: ${lineOf(letter)}\n`);
  return EXIT.ok;
}

/** Reads the jobs of which something is in quarantine again. */
export async function replayQuarantine(config: Config, slug: string | null): Promise<number> {
  const unlock = lockIngest(config.store.url);
  try {
    return await inSession(config, slug, (session) =>
      withLeases(session, async (heldBy) => {
        let code: number = EXIT.ok;
        for (const source of session.sources) code = Math.max(code, await replay(session, source, heldBy(source.slug)));
        return code;
      }),
    );
  } finally {
    unlock();
  }
}

async function replay({ writer, signal, now }: Session, source: ScheduledSource, held: Held | null): Promise<number> {
  const { slug, adapter } = source;
  if (!held) {
    process.stderr.write(`${slug}: another Basalt reads it now\n`);
    return EXIT.busy;
  }
  const ids = await listQuarantinedJobs(writer.store, slug);
  const deps = {
    adapter,
    now,
    onFinished: () => undefined,
    writer: held.writer,
    signal: AbortSignal.any([signal, held.signal]),
  };
  const repairer = createRepairer(deps, ids.length);
  try {
    for (const id of ids) {
      const state = await getSyncState(writer, slug);
      if (state) await repairer.repair(state, id, await getJobFate(held.writer, state, id));
    }
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    return EXIT.source;
  }
  const { count } = await listDeadLetters(writer.store, slug, 0);
  process.stdout.write(`${slug}: jobs read again: ${ids.length}; records still in quarantine: ${count}\n`);
  return count === 0 ? EXIT.ok : EXIT.findings;
}

function lineOf({ id, source, at, stage, externalId, reason, bytes, attempts }: DeadLetter): string {
  const since = new Date(at / 1000).toISOString().slice(0, 16).replace('T', ' ');
  const what = externalId === null ? stage : `${stage} of ${externalId}`;
  const often = attempts === 1 ? '' : `, ${attempts} times`;
  return `${id}  ${source}  ${since}  ${what}, ${bytes} bytes${often}: ${oneLine(reason)}`;
}

/** Reasons quote what a master sent. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not obey them
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}

function numberOf(id: string): number {
  if (/^[1-9]\d{0,9}$/.test(id)) return Number(id);
  throw new InvalidInput(`"${id}" is no number of a record: basalt quarantine list tells them`);
}
