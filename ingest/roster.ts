/**
 * The sources that are read now: those of the configuration and those that were added to the store, without those that are
 * paused. The store is looked at every few seconds, because whoever changes it, or looks at a job, may be another process.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Micros } from '#schema/records.ts';
import { type AddedSource, listAddedSources, listPauses, sealedPlace } from '#store/added-source.ts';
import { listAllRequests, takeRequest } from '#store/source-request.ts';
import type { Store } from '#store/store.ts';
import { NoKey, type Vault } from '#store/vault.ts';
import { listWatchedJobs } from '#store/write-live.ts';
import { saveObstacle, saveSources } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { SourceConfig } from './config.ts';
import { inboxIn } from './inbox.ts';
import type { Audits } from './keep-auditing.ts';
import type { Leases } from './leases.ts';
import type { Live } from './live.ts';
import type { Ingester } from './schedule.ts';
import { type Configured, type OpenSource, openSource, settingsOf } from './sources.ts';

const LOOK_MS = 2_000;

/** Sources that are to be read, and those whose token cannot be opened with the reason. */
export type Wanted = { sources: Configured[]; locked: { slug: string; reason: string }[]; added: ReadonlySet<string> };

/** What the configuration names wins over what was added by the same slug. */
export async function readWanted(
  store: Pick<Store, 'sql'>,
  configured: readonly Configured[],
  vault: Vault,
): Promise<Wanted> {
  const named = new Set(configured.map(({ slug }) => slug));
  const paused = new Set(await listPauses(store));
  const rows = (await listAddedSources(store)).filter(({ slug }) => !named.has(slug));
  const locked: Wanted['locked'] = [];
  const added = rows.map((row) => {
    try {
      return configuredOf(row, row.token && vault.open(row.token, sealedPlace(row)));
    } catch (cause) {
      if (!(cause instanceof NoKey)) throw cause;
      locked.push({ slug: row.slug, reason: `${row.slug}: ${cause.message}` });
      return configuredOf(row, null);
    }
  });
  const sources = [...configured, ...added].map((one) => ({ ...one, paused: one.paused || paused.has(one.slug) }));
  return { sources, locked, added: new Set(rows.map(({ slug }) => slug)) };
}

function configuredOf(row: AddedSource, token: string | null): Configured {
  const { maxConcurrent: concurrent, maxPerMinute: perMinute } = row;
  const { quietHours, megabytesPerHour, history, retention } = row;
  const budget = {
    ...{ concurrent, perMinute },
    ...(quietHours && { quietHours }),
    ...(megabytesPerHour && { megabytesPerHour }),
  };
  const visibility = ({ PUBLIC: 'public', INTERNAL: 'internal', RESTRICTED: 'restricted' } as const)[row.visibility];
  const { slug, name, url, teams } = row;
  const {
    token: _,
    ca: _ca,
    callback: _callback,
    agentKey: _agentKey,
    ...rest
  } = SourceConfig.parse({ slug, name, url, teams, visibility, budget, history, retention: retention ?? {} });
  return { ...rest, token, caPem: row.caPem };
}

/** Makes the stored sources those that are wanted. */
export async function saveWanted(writer: Writer, { sources, locked, added }: Wanted, at: Micros): Promise<void> {
  await saveSources(
    writer,
    sources.map((source) => ({ ...settingsOf(source), added: added.has(source.slug) })),
  );
  for (const { slug, reason } of locked) {
    await saveObstacle(writer, slug, { code: 'UNAUTHORIZED', message: reason }, at);
  }
}

export type RosterOptions = {
  writer: Writer;
  configured: readonly Configured[];
  vault: Vault;
  version: string;
  leases: Pick<Leases, 'held'>;
  /** Of the sources that are read: the leases are of these. */
  slugs: string[];
  ingester: Pick<Ingester, 'add' | 'remove' | 'run'>;
  audit: (source: OpenSource, signal: AbortSignal) => Audits;
  live: (source: OpenSource, signal: AbortSignal) => Live;
  now: () => Micros;
  log: Logger;
  signal: AbortSignal;
};

type Running = { text: string; source: OpenSource; audits: Audits; live: Live; stop: AbortController };

export type Roster = {
  /** Once: what has changed is begun, ended or begun anew; what people asked for is taken, what they look at is followed. */
  look(): Promise<void>;
  /** Until the signal comes. */
  keep(lookMs?: number): Promise<void>;
  close(): Promise<void>;
};

export function createRoster(options: RosterOptions): Roster {
  const { writer, configured, vault, version, leases, slugs, ingester, audit, live, now, log, signal } = options;
  const running = new Map<string, Running>();
  let saved: string | null = null;

  const begin = (source: Configured, text: string) => {
    const opened = openSource(source, version, inboxIn(writer));
    const stop = new AbortController();
    slugs.push(source.slug);
    ingester.add(opened.source);
    const ends = AbortSignal.any([signal, stop.signal]);
    running.set(source.slug, { text, source: opened, audits: audit(opened, ends), live: live(opened, ends), stop });
    log.info({ source: source.slug, url: source.url }, 'the source is read from now on');
  };
  const end = async (slug: string, { source, audits, live, stop }: Running) => {
    running.delete(slug);
    slugs.splice(slugs.indexOf(slug), 1);
    stop.abort(new Error('the source is not read here any more'));
    await Promise.all([ingester.remove(slug), audits.ended, live.ended()]);
    await source.close();
    log.info({ source: slug }, 'the source is not read any more, or anew');
  };
  const take = async () => {
    for (const request of await listAllRequests(writer.store)) {
      const { slug, kind } = request;
      const held = leases.held(slug);
      if (!held) continue;
      if (kind === 'AUDIT') running.get(slug)?.audits.ask();
      else if (running.has(slug) && (await takeRequest(held.writer, request))) ingester.run(slug, kind === 'HISTORY');
    }
  };
  /** What people look at just now. */
  const watch = async () => {
    const watched = Map.groupBy(await listWatchedJobs(writer, now()), ({ source }) => source.slug);
    await Promise.all([...running].map(([slug, { live }]) => live.look(watched.get(slug) ?? [])));
  };
  const look = async () => {
    const wanted = await readWanted(writer.store, configured, vault);
    const text = JSON.stringify({ ...wanted, added: [...wanted.added] });
    if (text !== saved) await saveWanted(writer, wanted, now());
    saved = text;
    const locked = new Set(wanted.locked.map(({ slug }) => slug));
    const read = new Map(
      wanted.sources
        .filter(({ slug, paused }) => !paused && !locked.has(slug))
        .map((source) => [source.slug, { source, text: JSON.stringify(source) }]),
    );
    const ended = [...running].filter(([slug, { text }]) => read.get(slug)?.text !== text);
    await Promise.all(ended.map(([slug, one]) => end(slug, one)));
    for (const [slug, { source, text }] of read) if (!running.has(slug)) begin(source, text);
    await take();
    await watch();
  };

  return {
    look,
    async keep(lookMs = LOOK_MS) {
      while (!signal.aborted) {
        await wait(lookMs, null, { signal }).catch(() => null);
        if (signal.aborted) return;
        await look().catch((cause: unknown) => log.error({ err: cause }, 'the sources could not be looked up'));
      }
    },
    async close() {
      await Promise.all([...running.values()].flatMap(({ audits, live }) => [audits.ended, live.ended()]));
      await Promise.all([...running.values()].map(({ source }) => source.close()));
    },
  };
}
