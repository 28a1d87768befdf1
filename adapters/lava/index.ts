/** A LAVA master as a source: wiring. */
import type { FleetSnapshot, Probe } from '#schema/records.ts';
import type { Adapter, ReadContext } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';
import { createClient } from './client.ts';
import { type JobSurroundings, toDeviceRecord, toDeviceTypeRecord, toJobRecord, toWorkerRecord } from './map.ts';
import { readFinished, withoutResults } from './read-job.ts';
import { AliasRow, DeviceRow, DeviceTypeRow, Hosted, MasterConfig, Named, TagRow, Version, WhoAmI, WorkerRow } from './schema.ts';
import { walk } from './walk.ts';

export type LavaOptions = { slug: string; url: string; hasToken: boolean; settleSeconds: number };

export function createLavaAdapter(options: LavaOptions, http: Http): Adapter {
  const { slug } = options;
  const client = createClient(slug, http);
  let known: JobSurroundings | null = null;

  /** What a visitor without credentials sees decides what is public; a master that shows nothing shows nothing. */
  const readSurroundings = async (signal: AbortSignal): Promise<JobSurroundings> => {
    const tags = new Map((await optional(() => client.all('tags', TagRow, 'device', signal))).map((tag) => [tag.id, tag.name]));
    const base = { base: options.url, tagName: (tag: number | string) => (typeof tag === 'string' ? tag : (tags.get(tag) ?? `#${tag}`)) };
    if (!options.hasToken) return { ...base, seesDeviceType: () => true, seesDevice: () => true };
    const devices = await optional(() => client.all('devices', Hosted, 'device', signal, { all: 'true', ordering: 'hostname' }, true));
    const types = await optional(() => client.all('devicetypes', Named, 'deviceType', signal, { ordering: 'name' }, true));
    const seenDevices = new Set(devices.map((d) => d.hostname));
    const seenTypes = new Set(types.map((t) => t.name));
    return { ...base, seesDeviceType: (name) => seenTypes.has(name), seesDevice: (hostname) => seenDevices.has(hostname) };
  };
  /** Lists that some users may not read: an empty list for them, an error for everything else. */
  const optional = async <Row>(read: () => Promise<{ rows: Row[] }>): Promise<Row[]> => {
    try {
      return (await read()).rows;
    } catch (cause) {
      if (cause instanceof SourceError && cause.code === 'UNAUTHORIZED') return [];
      throw cause;
    }
  };
  const surroundings = async (signal: AbortSignal) => {
    known ??= await readSurroundings(signal);
    return known;
  };

  return {
    async probe({ signal }: ReadContext): Promise<Probe> {
      const version = Version.safeParse(await client.system('version', signal));
      if (!version.success) {
        throw new SourceError('UNSUPPORTED', slug, `has no version at ${options.url}api/v0.2/system/version/: check the address; a LAVA master of 2020 or later is needed`);
      }
      const who = WhoAmI.safeParse(await client.system('whoami', signal));
      const whoAmI = who.success && who.data.user !== '' ? who.data.user : null;
      if (options.hasToken && whoAmI === null) {
        throw new SourceError('UNAUTHORIZED', slug, 'does not know the token: it answers as to a visitor; make a new token on the master');
      }
      const warnings: string[] = [];
      const capabilities = ['rest-v0.2'];
      const config = MasterConfig.safeParse(await client.system('master_config', signal));
      if (config.success && config.data.EVENT_NOTIFICATION) capabilities.push('events');
      const first = await http.getJson('api/v0.2/jobs/', { query: { limit: 1 }, signal });
      const text = JSON.stringify(first);
      if (/"token":"/.test(text)) {
        warnings.push('the token is a superuser\'s: the master adds secrets of its jobs to every answer; use an ordinary user who may view all jobs');
      }
      if (/"metadata":\{/.test(text)) capabilities.push('job-metadata');
      const missing = await http.get('api/v0.2/jobs/0/suites/', { signal });
      if (missing === null) capabilities.push('nested-visibility');
      return { version: version.data.version, whoAmI, capabilities, clockOffsetMs: http.clockOffsetMs(), warnings };
    },

    async snapshot({ signal }: ReadContext): Promise<FleetSnapshot> {
      known = await readSurroundings(signal);
      const around = known;
      const workers = await client.all('workers', WorkerRow, 'worker', signal, { ordering: 'hostname' });
      const types = await client.all('devicetypes', DeviceTypeRow, 'deviceType', signal, { ordering: 'name' });
      const devices = await client.all('devices', DeviceRow, 'device', signal, { all: 'true', ordering: 'hostname' });
      const aliases = await optional(() => client.all('aliases', AliasRow, 'deviceType', signal, { ordering: 'name' }));
      return {
        workers: workers.rows.map(toWorkerRecord),
        deviceTypes: types.rows.map((row) =>
          toDeviceTypeRecord(
            row,
            aliases.filter((alias) => alias.device_type === row.name).map((alias) => alias.name),
          ),
        ),
        devices: devices.rows.map((row) => toDeviceRecord(row, around)),
        rejected: [...workers.rejected, ...types.rejected, ...devices.rejected],
      };
    },

    changes: (bookmark, context) => walk({ slug, client, settleSeconds: options.settleSeconds, surroundings }, bookmark, context),

    async job(externalId, { signal }) {
      const [row] = (await client.jobsById([Number(externalId)], signal)).rows;
      if (!row) return null;
      const around = await surroundings(signal);
      if (row.state !== 'Finished') return withoutResults(row, around, http.redact).change;
      return (await readFinished(client, slug, row, around, true, signal)).change;
    },

    async *inventory({ signal }) {
      const around = await surroundings(signal);
      for (let after = 0; ; ) {
        const page = await client.jobsAfter(after, signal, 200);
        yield page.rows.map((row) => {
          const { externalId, state, health, endAt } = toJobRecord(row, around).job;
          return { externalId, state, health, endAt };
        });
        const last = page.rows.at(-1);
        if (page.rawCount < 200 || !last) return;
        after = last.id;
      }
    },

    usage: () => http.usage(),
  };
}
