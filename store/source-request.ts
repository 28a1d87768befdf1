/** What people ask to be done with a source. It waits in the store until whoever reads the source takes it. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import type { Store } from './store.ts';
import { adminOfStored, isAdminOfStored } from './visibility.ts';
import type { Writer } from './writer.ts';

export type RequestKind = 'SYNC' | 'HISTORY' | 'AUDIT';
export type SourceRequest = { slug: string; kind: RequestKind; at: Micros };

/**
 * Asked for twice, it waits once.
 * @throws Forbidden unless an admin of the source asks.
 * @throws NotFound when no such source is read.
 * @throws Conflict when it is paused, or is being read for the first time already.
 */
export async function requestOf(
  store: Store,
  viewer: Viewer,
  slug: string,
  kind: RequestKind,
  at: Micros,
): Promise<void> {
  await store.transaction(async () => {
    const login = await adminOfStored(store, viewer, slug);
    const source = await store.sql.get<{ paused: number; lastSuccessAt: Micros | null }>(
      'SELECT paused, last_success_at AS "lastSuccessAt" FROM source WHERE slug = ? AND configured = 1',
      slug,
    );
    if (!source) throw new NotFound(`no source is called "${slug}"`);
    if (source.paused) throw new Conflict(`"${slug}" is paused: resume it first`);
    if (kind === 'HISTORY' && source.lastSuccessAt === null)
      throw new Conflict(`the history of "${slug}" is being read for the first time`);
    await store.sql.run(
      'INSERT INTO source_request (slug, kind, at, login) VALUES (?, ?, ?, ?) ON CONFLICT (slug, kind) DO NOTHING',
      slug,
      kind,
      at,
      login,
    );
    await recordEvent(store.sql, {
      ...{ at, actor: login, action: 'source.request', target: slug },
      ...{ before: null, after: { kind } },
    });
  });
}

/** What waits, oldest first. Told to admins of the source only: for anybody else nothing does. */
export async function listRequests(store: Store, viewer: Viewer, slug: string): Promise<SourceRequest[]> {
  if (!(await isAdminOfStored(store, viewer, slug))) return [];
  return store.sql.all<SourceRequest>(
    'SELECT slug, kind, at FROM source_request WHERE slug = ? ORDER BY at, kind',
    slug,
  );
}

/** Slugs and kinds of all that waits, for whoever reads the sources. */
export async function listAllRequests({ sql }: Pick<Store, 'sql'>): Promise<SourceRequest[]> {
  return sql.all<SourceRequest>('SELECT slug, kind, at FROM source_request ORDER BY at, kind');
}

/** True for the one who takes it. */
export async function takeRequest(
  writer: Writer,
  { slug, kind }: Pick<SourceRequest, 'slug' | 'kind'>,
): Promise<boolean> {
  return writer.transaction(async () => {
    const taken = await writer.store.sql.get(
      'DELETE FROM source_request WHERE slug = ? AND kind = ? RETURNING slug',
      slug,
      kind,
    );
    return taken !== undefined;
  });
}
