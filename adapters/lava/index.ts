/** A LAVA master as a source: wiring. */
import type { z } from 'zod';
import type { FleetSnapshot, Micros, Probe, Rejected } from '#schema/records.ts';
import { type Adapter, type ReadContext, remarksOf } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';
import { countedAs } from '../meter.ts';
import { readBookmark, unread, waitsFor } from './bookmark.ts';
import { createBundles, type Wanted } from './bundle.ts';
import { createClient, type HistoryOrder } from './client.ts';
import { listenToEvents, listenToPublisher } from './events.ts';
import { createLogReader } from './job-log.ts';
import { type JobSurroundings, toDeviceRecord, toDeviceTypeRecord, toJobRecord, toWorkerRecord } from './map.ts';
import { hasQueue, readQueue } from './queue.ts';
import { ageOf, readFinished, standsStill, withoutResults } from './read-job.ts';
import { createResultsReader } from './results.ts';
import {
  AliasRow,
  DeviceRow,
  DeviceTypeRow,
  Hosted,
  MasterConfig,
  Named,
  TagRow,
  Version,
  WhoAmI,
  WorkerRow,
} from './schema.ts';
import { tailJobs } from './tail.ts';
import { walk } from './walk.ts';
import { lookFor, tellsApart } from './whereabouts.ts';

export type LavaOptions = {
  slug: string;
  url: string;
  hasToken: boolean;
  /** Whether it is heard at a ZMQ publisher, instead of at `/ws/`. */
  hasPublisher?: boolean;
  settleSeconds: number;
  /** See WalkOptions. */
  newest?: number;
  history: HistoryOrder;
  historySince: Micros | null;
};

const NEWEST = 100;

/** Of a job that is listed and not understood. */
const NO_FATE = { submitAt: null, state: 'UNKNOWN', health: 'UNKNOWN', endAt: null, isPublic: false };

const NUMBER = /^\d{1,15}$/;

export function createLavaAdapter(options: LavaOptions, http: Http): Adapter {
  const { slug } = options;
  const client = createClient(slug, http);
  const probing = createClient(slug, countedAs(http, 'PROBE'));
  const auditing = createClient(slug, countedAs(http, 'AUDIT'));
  const looking = createClient(slug, countedAs(http, 'LIVE'));
  const results = createResultsReader(client, slug);
  const logs = createLogReader(client);
  const bundles = createBundles(client, slug);
  let known: JobSurroundings | null = null;
  let events: { user: string | null } | null = null;
  let user: string | null = null;
  let counts = false;
  let asked: { user: string | null; tellsApart: boolean } | null = null;

  /** Lists that some users may not read, and old masters do not have: empty for them. */
  const optional = async <Row>(read: () => Promise<{ rows: Row[] } | null>): Promise<Row[] | null> => {
    try {
      return (await read())?.rows ?? null;
    } catch (cause) {
      if (cause instanceof SourceError && (cause.code === 'UNAUTHORIZED' || cause.code === 'FORBIDDEN')) return null;
      throw cause;
    }
  };
  const list = async <Row>(
    name: string,
    schema: z.ZodType<Row>,
    stage: Rejected['stage'],
    ordering: string,
    signal: AbortSignal,
    query = {},
  ) => {
    const got = await client.all(name, schema, stage, ordering, signal, query);
    if (!got) throw client.missing(name);
    return got;
  };
  /** What a visitor without credentials sees decides what is public; a master that shows nothing has nothing public. */
  const readSurroundings = async (signal: AbortSignal): Promise<JobSurroundings> => {
    const tags = await optional(() => client.all('tags', TagRow, 'device', 'id', signal));
    const names = new Map(tags?.map(({ id, name }) => [id, name]));
    const base = {
      base: options.url,
      tagName: (tag: number | string) => (typeof tag === 'string' ? tag : (names.get(tag) ?? `#${tag}`)),
    };
    if (!options.hasToken) return { ...base, seesDeviceType: () => true, seesDevice: () => true };
    const types = await optional(() => client.all('devicetypes', Named, 'deviceType', 'name', signal, {}, true));
    const devices =
      types &&
      (await optional(() => client.all('devices', Hosted, 'device', 'hostname', signal, { all: 'true' }, true)));
    const seenTypes = new Set(types?.map(({ name }) => name));
    const seenDevices = new Set(devices?.map(({ hostname }) => hostname));
    return {
      ...base,
      seesDeviceType: (name) => (name === null ? types !== null : seenTypes.has(name)),
      seesDevice: (hostname) => (hostname === null ? devices !== null : seenDevices.has(hostname)),
    };
  };
  const surroundings = async (signal: AbortSignal, fresh = false) => {
    if (fresh || !known) known = await readSurroundings(signal);
    return known;
  };

  const userOfToken = async (signal: AbortSignal): Promise<string | null> => {
    if (!options.hasToken) return null;
    const who = WhoAmI.safeParse(await client.system('whoami', signal));
    if (who.success && who.data.user !== '') return who.data.user;
    throw new SourceError(
      'UNAUTHORIZED',
      slug,
      'does not know the token and answers as to a visitor: make a new token on the master',
      { reason: 'TOKEN' },
    );
  };

  /** Tables and logs come in company where a table was found to be worth it. */
  const bundle = {
    size: bundles.size,
    read: async (wanted: readonly Wanted[], signal: AbortSignal) =>
      user === null || !results.usesCalls() ? new Map() : bundles.read(user, wanted, logs.agree(), signal),
  };

  const ask = async (signal: AbortSignal) => ({
    user: await userOfToken(signal),
    tellsApart: await tellsApart(probing, signal),
  });

  return {
    async probe({ signal }: ReadContext): Promise<Probe> {
      const version = Version.safeParse(await client.system('version', signal));
      if (!version.success) throw client.missing('system/version');
      asked = await ask(signal);
      const whoAmI = asked.user;
      const warnings: string[] = [];
      const capabilities = ['rest-v0.2'];
      const config = MasterConfig.safeParse(await client.system('master_config', signal));
      events = config.success && config.data.EVENT_NOTIFICATION ? { user: whoAmI } : null;
      if (events) capabilities.push('events');
      if (options.hasPublisher) capabilities.push('zmq-events');
      const { isSuperuser, hasMetadata, count: jobCount, first } = await probing.jobTraits(signal);
      if (isSuperuser) {
        warnings.push(
          "the token is a superuser's: the master adds secrets of its jobs to every answer; use an ordinary user who may view all jobs",
        );
      }
      if (hasMetadata) capabilities.push('job-metadata');
      if (asked.tellsApart) capabilities.push('nested-visibility');
      user = whoAmI;
      counts = await hasQueue(countedAs(http, 'PROBE'), whoAmI, signal);
      if (counts) capabilities.push('queue-depth');
      results.setUser(whoAmI);
      logs.reset();
      bundles.reset();
      const late = await probing.finishedJobs(signal);
      await results.decideBy(late, signal);
      if (results.usesCalls()) capabilities.push('results-table');
      const marks = [first, late[0]].flatMap((row) =>
        typeof row?.id === 'number' && typeof row.submit_time === 'number'
          ? [{ externalId: String(row.id), submitAt: row.submit_time }]
          : [],
      );
      const clockOffsetMs = http.clockOffsetMs();
      return { version: version.data.version, whoAmI, capabilities, clockOffsetMs, warnings, jobCount, marks };
    },

    async snapshot({ signal }: ReadContext): Promise<FleetSnapshot> {
      const around = await surroundings(signal, true);
      const workers = await list('workers', WorkerRow, 'worker', 'hostname', signal);
      const types = await list('devicetypes', DeviceTypeRow, 'deviceType', 'name', signal);
      const devices = await list('devices', DeviceRow, 'device', 'hostname', signal, { all: 'true' });
      const aliases = (await optional(() => client.all('aliases', AliasRow, 'deviceType', 'name', signal))) ?? [];
      const counted = counts ? await readQueue(http, user, signal) : null;
      const aliasesOf = (type: string) => aliases.filter((alias) => alias.device_type === type).map(({ name }) => name);
      return {
        workers: workers.rows.map(toWorkerRecord),
        deviceTypes: types.rows.map((row) => toDeviceTypeRecord(row, aliasesOf(row.name))),
        devices: devices.rows.map((row) => toDeviceRecord(row, around)),
        queue: counted?.waiting ?? null,
        rejected: [...workers.rejected, ...types.rejected, ...devices.rejected, ...(counted?.rejected ?? [])],
      };
    },

    changes: (bookmark, context, only) =>
      walk(
        {
          slug,
          client,
          results,
          logs,
          bundle,
          settleSeconds: options.settleSeconds,
          newest: options.newest ?? NEWEST,
          history: options.history,
          historySince: options.historySince,
          surroundings,
        },
        bookmark,
        context,
        only ? numbersOf(only) : null,
      ),

    unread(bookmark, externalIds) {
      if (bookmark === null) return [];
      const { open, unseen } = unread(readBookmark(bookmark), numbersOf(externalIds));
      return [...open, ...unseen].map(String);
    },

    waitsFor: (bookmark, externalId) => waitsFor(readBookmark(bookmark), Number(externalId)),

    listen(ears, signal) {
      if (options.hasPublisher) return listenToPublisher(http, ears, signal);
      return events && listenToEvents(slug, http, events.user, ears, signal);
    },

    async tail(known, { signal }) {
      const numbered = known.filter(({ externalId }) => NUMBER.test(externalId));
      return tailJobs(looking, await surroundings(signal), numbered, signal);
    },

    async job(externalId, { now, signal }) {
      if (!NUMBER.test(externalId)) return null;
      const around = await surroundings(signal);
      for await (const { rows } of auditing.jobsById([Number(externalId)], signal)) {
        const [row] = rows;
        if (!row) continue;
        if (row.state !== 'Finished') return withoutResults(row, around, http.redact);
        const age = ageOf(row.end_time ?? 0, {
          now: now(),
          offsetMs: http.clockOffsetMs(),
          settleSeconds: options.settleSeconds,
        });
        const how = { client, results, logs, slug, around, age, parcel: null, withoutLog: false, signal };
        const read = await readFinished(row, how);
        // No walk waits for this one: it is looked at for the second time at once.
        if (age === 'lately' && read.look) read.change.settled = await standsStill(row, read.look, how);
        return read;
      }
      return null;
    },

    async *inventory(after, { signal }) {
      // As they are now: a board that is new must not make its jobs private.
      const around = await surroundings(signal, true);
      for await (const { rows, rejected } of auditing.jobsAfter(Number(after ?? 0), signal)) {
        const fates = rows.map((row) => {
          const { job } = toJobRecord(row, around);
          const { externalId, submitAt, state, health, endAt, isPublic } = job;
          const fate = { externalId, submitAt, state, health, endAt, isPublic };
          // A tag whose name may not be read for the moment says nothing against the name that is stored.
          const isNamed = row.tags.every((tag) => around.tagName(tag) !== `#${tag}`);
          return isNamed ? { ...fate, remarks: remarksOf(job) } : fate;
        });
        const unknown = rejected.flatMap(({ externalId }) => (externalId === null ? [] : [{ externalId, ...NO_FATE }]));
        yield [...fates, ...unknown].sort((a, b) => Number(a.externalId) - Number(b.externalId));
      }
    },

    async lookFor(externalId, { signal }) {
      if (!NUMBER.test(externalId)) return 'unknown';
      asked ??= await ask(signal);
      return lookFor({ client: auditing, slug, ...asked }, Number(externalId), signal);
    },

    usage: () => http.usage(),
    drain: (save) => http.drain(save),
  };
}

/** Of texts from outside, those that a master numbers jobs by. */
function numbersOf(externalIds: readonly string[]): number[] {
  return externalIds.filter((id) => /^[1-9]\d{0,14}$/.test(id)).map(Number);
}
