/** Sources that people add, pause and ask things of. Only admins may; how the ingesters hear of it: ingest/roster.ts. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { Conflict, NotFound } from './error.ts';
import type { Store } from './store.ts';
import { adminOf } from './visibility.ts';
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
};

/** What its token is sealed for. */
export const sealedPlace = ({ slug, url }: Pick<AddedSource, 'slug' | 'url'>): string => `source ${slug} ${url}`;

/** Sources are looked for at this pace when nothing else is said. */
export const ADDED_PERIOD_SECONDS = 60;
const KIND = 'LAVA';

const COLUMNS = `slug, name, url, visibility, teams, max_concurrent AS "maxConcurrent", max_per_minute AS "maxPerMinute", token`;

/** For the ingesters, by slug. */
export async function listAddedSources({ sql }: Pick<Store, 'sql'>): Promise<AddedSource[]> {
  const rows = await sql.all<Omit<AddedSource, 'teams'> & { teams: string }>(
    `SELECT ${COLUMNS} FROM added_source ORDER BY slug`,
  );
  return rows.map((row) => ({ ...row, teams: JSON.parse(row.teams) as string[] }));
}

/** @throws Forbidden unless an admin asks. */
export async function getAddedSource(store: Store, viewer: Viewer, slug: string): Promise<AddedSource | null> {
  adminOf(viewer);
  return (await listAddedSources(store)).find((one) => one.slug === slug) ?? null;
}

/**
 * @throws Forbidden unless an admin asks.
 * @throws Conflict when the slug is taken.
 */
export async function addSource(store: Store, viewer: Viewer, source: AddedSource, at: Micros): Promise<void> {
  const login = adminOf(viewer);
  await store.transaction(async () => {
    const { sql } = store;
    const there = await sql.get<{ url: string; configured: number }>(
      'SELECT url, configured FROM source WHERE slug = ?',
      source.slug,
    );
    if (there?.configured) throw new Conflict(`"${source.slug}" is taken by the source at ${there.url}`);
    if (there && there.url !== source.url) {
      throw new Conflict(`"${source.slug}" has results of ${there.url}, which stay: take another name`);
    }
    await sql.run(
      `INSERT INTO added_source (slug, name, url, visibility, teams, max_concurrent, max_per_minute, token, at, login)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (slug) DO UPDATE SET name = excluded.name, url = excluded.url, visibility = excluded.visibility,
         teams = excluded.teams, max_concurrent = excluded.max_concurrent, max_per_minute = excluded.max_per_minute,
         token = excluded.token, at = excluded.at, login = excluded.login`,
      source.slug,
      source.name,
      source.url,
      source.visibility,
      JSON.stringify(source.teams),
      source.maxConcurrent,
      source.maxPerMinute,
      source.token,
      at,
      login,
    );
    await sql.run('DELETE FROM source_pause WHERE slug = ?', source.slug);
    // Seen at once, whoever reads it and when.
    await insertSource(sql, settingsOfAdded(source, false));
  });
}

/**
 * @throws Forbidden unless an admin asks.
 * @throws NotFound when it was not added here.
 */
export async function updateSource(store: Store, viewer: Viewer, source: AddedSource): Promise<void> {
  adminOf(viewer);
  await store.transaction(async () => {
    const { sql } = store;
    await assertAdded(store, source.slug);
    await sql.run(
      `UPDATE added_source SET name = ?, visibility = ?, teams = ?, max_concurrent = ?, max_per_minute = ?, token = ?
       WHERE slug = ?`,
      source.name,
      source.visibility,
      JSON.stringify(source.teams),
      source.maxConcurrent,
      source.maxPerMinute,
      source.token,
      source.slug,
    );
    await insertSource(sql, settingsOfAdded(source, await isPaused(store, source.slug)));
  });
}

/**
 * Its results stay.
 * @throws Forbidden unless an admin asks.
 * @throws NotFound when it was not added here.
 */
export async function removeSource(store: Store, viewer: Viewer, slug: string): Promise<void> {
  adminOf(viewer);
  await store.transaction(async () => {
    await assertAdded(store, slug);
    for (const table of ['added_source', 'source_pause', 'source_request'])
      await store.sql.run(`DELETE FROM ${table} WHERE slug = ?`, slug);
    await store.sql.run('UPDATE source SET configured = 0, added = 0 WHERE slug = ?', slug);
  });
}

/**
 * Pauses a source of any kind, or ends that. One that the configuration itself pauses stays so.
 * @throws Forbidden unless an admin asks.
 * @throws NotFound when no such source is read.
 */
export async function setPaused(
  store: Store,
  viewer: Viewer,
  slug: string,
  paused: boolean,
  at: Micros,
): Promise<void> {
  const login = adminOf(viewer);
  await store.transaction(async () => {
    const { sql } = store;
    await assertConfigured(store, slug);
    const wasPaused = await isPaused(store, slug);
    if (!paused && !wasPaused && (await isPausedByFile(store, slug)))
      throw new Conflict(`"${slug}" is paused in basalt.yaml: resume it there`);
    if (paused === wasPaused) return;
    if (paused) {
      await sql.run('INSERT INTO source_pause (slug, at, login) VALUES (?, ?, ?)', slug, at, login);
    } else await sql.run('DELETE FROM source_pause WHERE slug = ?', slug);
    await sql.run('UPDATE source SET paused = ? WHERE slug = ?', paused ? 1 : 0, slug);
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
  const { token: _, ...rest } = source;
  return {
    ...rest,
    kind: KIND,
    labels: {},
    retention: {},
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
