/** Sources that people add, pause and ask things of. Only those who look after a source may; how the ingesters hear of it: ingest/roster.ts. */
import type { Micros } from '#schema/records.ts';
import type { HistoryOrder, QuietHours } from '#schema/source-settings.ts';
import type { Retention } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import type { Store } from './store.ts';
import { adminOfStored, isSourceAdmin, sourceAdminOf } from './visibility.ts';
import { insertSource, type SourceSettings } from './write-source.ts';

/** A source as it was added. */
export type AddedSource = {
  slug: string;
  name: string;
  url: string;
  visibility: SourceSettings['visibility'];
  teams: string[];
  maxConcurrent: number;
  maxPerMinute: number;
  /** See sealedPlace. */
  token: Uint8Array | null;
  /** PEM. */
  caPem: string | null;
  /** See callbackPlace. */
  callbackToken: Uint8Array | null;
  /** Null when everything is kept. */
  retention: Retention | null;
  quietHours: QuietHours | null;
  megabytesPerHour: number | null;
  history: HistoryOrder;
};

/** What its token is sealed for. */
export const sealedPlace = ({ slug, url }: Pick<AddedSource, 'slug' | 'url'>): string => `source ${slug} ${url}`;
/** And the token of its callbacks, so that neither can take the place of the other. */
export const callbackPlace = ({ slug, url }: Pick<AddedSource, 'slug' | 'url'>): string => `callbacks ${slug} ${url}`;

/** Sources are looked for at this pace when nothing else is said. */
export const ADDED_PERIOD_SECONDS = 60;
const KIND = 'LAVA';

const COLUMNS = `slug, name, url, visibility, teams, max_concurrent AS "maxConcurrent", max_per_minute AS "maxPerMinute", token,
  ca_pem AS "caPem", callback_token AS "callbackToken", retention, quiet_hours AS "quietHours",
  megabytes_per_hour AS "megabytesPerHour", history`;

type Stored = Omit<AddedSource, 'teams' | 'retention' | 'quietHours'> &
  Record<'teams', string> &
  Record<'retention' | 'quietHours', string | null>;

/** In the order of cellsOf. */
const CHANGEABLE = `name, visibility, teams, max_concurrent, max_per_minute, token, ca_pem, callback_token, retention, quiet_hours,
  megabytes_per_hour, history`;

const cellsOf = (source: AddedSource) => [
  source.name,
  source.visibility,
  JSON.stringify(source.teams),
  source.maxConcurrent,
  source.maxPerMinute,
  source.token,
  source.caPem,
  source.callbackToken,
  source.retention && JSON.stringify(source.retention),
  source.quietHours && JSON.stringify(source.quietHours),
  source.megabytesPerHour,
  source.history,
];

const event = (actor: string, verb: string, target: string, at: Micros) => ({
  ...{ at, actor, target },
  action: `source.${verb}`,
});

/** As the audit log keeps it: that there are secrets, and not which. */
const told = ({ token, callbackToken, caPem, ...rest }: AddedSource) => ({
  ...rest,
  token: token ? 'set' : null,
  callbackToken: callbackToken ? 'set' : null,
  caPem: caPem ? 'set' : null,
});

const marksFor = (count: number) => Array.from({ length: count }, () => '?').join(', ');

/** For the ingesters, by slug. */
export async function listAddedSources({ sql }: Pick<Store, 'sql'>): Promise<AddedSource[]> {
  const rows = await sql.all<Stored>(`SELECT ${COLUMNS} FROM added_source ORDER BY slug`);
  return rows.map(({ teams, retention, quietHours, ...row }) => ({
    ...row,
    teams: JSON.parse(teams) as string[],
    retention: retention === null ? null : (JSON.parse(retention) as Retention),
    quietHours: quietHours === null ? null : (JSON.parse(quietHours) as QuietHours),
  }));
}

/** @throws Forbidden unless an admin of the source asks. */
export async function getAddedSource(store: Store, viewer: Viewer, slug: string): Promise<AddedSource | null> {
  await adminOfStored(store, viewer, slug);
  return (await listAddedSources(store)).find((one) => one.slug === slug) ?? null;
}

/** By the number of the source; nothing of those that whoever asks does not look after. */
export async function getAddedById(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, AddedSource>> {
  if (ids.length === 0) return new Map();
  const rows = await store.sql.all<{ id: number; slug: string }>(
    `SELECT id, slug FROM source WHERE added = 1 AND id IN (${marksFor(ids.length)})`,
    ...ids,
  );
  const added = new Map((await listAddedSources(store)).map((one) => [one.slug, one]));
  return new Map(
    rows.flatMap(({ id, slug }) => {
      const source = added.get(slug);
      return source && isSourceAdmin(viewer, source) ? [[id, source] as const] : [];
    }),
  );
}

/**
 * @throws Forbidden unless an admin of the source asks.
 * @throws Conflict when the slug is taken.
 */
export async function addSource(store: Store, viewer: Viewer, source: AddedSource, at: Micros): Promise<void> {
  const login = sourceAdminOf(viewer, source);
  await store.transaction(async () => {
    const { sql } = store;
    const there = await sql.get<{ url: string; configured: number }>(
      'SELECT url, configured FROM source WHERE slug = ?',
      source.slug,
    );
    if (there) await adminOfStored(store, viewer, source.slug);
    if (there?.configured) throw new Conflict(`"${source.slug}" is taken by the source at ${there.url}`);
    if (there && there.url !== source.url) {
      throw new Conflict(`"${source.slug}" has results of ${there.url}, which stay: take another name`);
    }
    const cells = cellsOf(source);
    // One that the configuration has overruled may lie there.
    await sql.run('DELETE FROM added_source WHERE slug = ?', source.slug);
    await sql.run(
      `INSERT INTO added_source (slug, url, at, login, ${CHANGEABLE}) VALUES (${marksFor(4 + cells.length)})`,
      ...[source.slug, source.url, at, login, ...cells],
    );
    await sql.run('DELETE FROM source_pause WHERE slug = ?', source.slug);
    // Seen at once, whoever reads it and when.
    await insertSource(sql, settingsOfAdded(source, false));
    await recordEvent(sql, { ...event(login, 'add', source.slug, at), before: null, after: told(source) });
  });
}

/**
 * @throws Forbidden unless an admin of the source asks.
 * @throws NotFound when it was not added here.
 */
export async function updateSource(store: Store, viewer: Viewer, source: AddedSource, at: Micros): Promise<void> {
  await store.transaction(async () => {
    const { sql } = store;
    const login = await adminOfStored(store, viewer, source.slug);
    await assertAdded(store, source.slug);
    const before = await getAddedSource(store, viewer, source.slug);
    const cells = cellsOf(source);
    await sql.run(
      `UPDATE added_source SET (${CHANGEABLE}) = (${marksFor(cells.length)}) WHERE slug = ?`,
      ...cells,
      source.slug,
    );
    await insertSource(sql, settingsOfAdded(source, await isPaused(store, source.slug)));
    await recordEvent(sql, {
      ...event(login, 'change', source.slug, at),
      ...{ before: before && told(before), after: told(source) },
    });
  });
}

/**
 * Its results stay.
 * @throws Forbidden unless an admin of the source asks.
 * @throws NotFound when it was not added here.
 */
export async function removeSource(store: Store, viewer: Viewer, slug: string, at: Micros): Promise<void> {
  await store.transaction(async () => {
    const login = await adminOfStored(store, viewer, slug);
    await assertAdded(store, slug);
    const before = await getAddedSource(store, viewer, slug);
    for (const table of ['added_source', 'source_pause', 'source_request'])
      await store.sql.run(`DELETE FROM ${table} WHERE slug = ?`, slug);
    await store.sql.run('UPDATE source SET configured = 0, added = 0 WHERE slug = ?', slug);
    await recordEvent(store.sql, { ...event(login, 'remove', slug, at), before: before && told(before), after: null });
  });
}

/**
 * Pauses a source of any kind, or ends that. One that the configuration itself pauses stays so.
 * @throws Forbidden unless an admin of the source asks.
 * @throws NotFound when no such source is read.
 */
export async function setPaused(
  store: Store,
  viewer: Viewer,
  slug: string,
  paused: boolean,
  at: Micros,
): Promise<void> {
  await store.transaction(async () => {
    const { sql } = store;
    const login = await adminOfStored(store, viewer, slug);
    await assertConfigured(store, slug);
    const wasPaused = await isPaused(store, slug);
    if (!paused && !wasPaused && (await isPausedByFile(store, slug)))
      throw new Conflict(`"${slug}" is paused in basalt.yaml: resume it there`);
    if (paused === wasPaused) return;
    if (paused) {
      await sql.run('INSERT INTO source_pause (slug, at, login) VALUES (?, ?, ?)', slug, at, login);
    } else await sql.run('DELETE FROM source_pause WHERE slug = ?', slug);
    await sql.run('UPDATE source SET paused = ? WHERE slug = ?', paused ? 1 : 0, slug);
    await recordEvent(sql, { ...event(login, paused ? 'pause' : 'resume', slug, at), before: null, after: null });
  });
}

export async function isPaused({ sql }: Store, slug: string): Promise<boolean> {
  return (await sql.get('SELECT 1 FROM source_pause WHERE slug = ?', slug)) !== undefined;
}

/** Call when nobody has paused it here. */
async function isPausedByFile({ sql }: Store, slug: string): Promise<boolean> {
  return (await sql.get('SELECT 1 FROM source WHERE slug = ? AND paused = 1', slug)) !== undefined;
}

/** Slugs of the sources that somebody has paused. */
export async function listPauses({ sql }: Pick<Store, 'sql'>): Promise<string[]> {
  return (await sql.all<{ slug: string }>('SELECT slug FROM source_pause ORDER BY slug')).map(({ slug }) => slug);
}

export function settingsOfAdded(source: AddedSource, paused: boolean): SourceSettings {
  const { slug, name, url, visibility, teams, maxConcurrent, maxPerMinute } = source;
  return {
    ...{ slug, name, url, visibility, teams, maxConcurrent, maxPerMinute },
    kind: KIND,
    labels: {},
    retention: source.retention ?? {},
    historySince: null,
    paused,
    added: true,
    periodSeconds: ADDED_PERIOD_SECONDS,
  };
}

async function assertAdded({ sql }: Store, slug: string): Promise<void> {
  const row = await sql.get<{ added: number }>('SELECT added FROM source WHERE slug = ? AND configured = 1', slug);
  if (!row) throw new NotFound(`no source "${slug}" was added here`);
  if (!row.added) throw new Conflict(`"${slug}" is configured in basalt.yaml: change it there`);
}

async function assertConfigured({ sql }: Store, slug: string): Promise<void> {
  if (await sql.get('SELECT 1 FROM source WHERE slug = ? AND configured = 1', slug)) return;
  throw new NotFound(`no source is called "${slug}"`);
}
