/** Pinned builds: retention takes nothing of their jobs. */
import type { Micros } from '#schema/records.ts';
import { NotFound } from './error.ts';
import type { Place } from './place-in-build.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import type { Writer } from './writer.ts';

export type BuildName = { project: string; version: string; branch?: string };
export type Pin = BuildName & { branch: string; pinnedAt: Micros; because: string | null };

const IS_BUILD = `version = ? AND project_id = (SELECT id FROM project WHERE slug = ?)
  AND (CAST(? AS text) IS NULL OR branch_id IN (SELECT id FROM branch WHERE name = ?))`;

/**
 * Of several branches with the version, all, unless one is named.
 * @throws NotFound when there is no such build.
 */
export async function pinBuild(writer: Writer, name: BuildName, because: string | null, at: Micros): Promise<void> {
  await set(writer, name, at, because);
}

/** @throws NotFound when there is no such build. */
export async function unpinBuild(writer: Writer, name: BuildName): Promise<void> {
  await set(writer, name, null, null);
}

async function set(writer: Writer, { project, version, branch }: BuildName, at: Micros | null, because: string | null) {
  await writer.transaction(async () => {
    const branchName = branch === undefined ? null : toStored(branch);
    const found = await writer.store.sql.get(
      `UPDATE build SET pinned_at = ?, pinned_because = ? WHERE ${IS_BUILD} RETURNING id`,
      at,
      because === null ? null : toStored(because),
      toStored(version),
      toStored(project),
      branchName,
      branchName,
    );
    if (found) return;
    const where = branch === undefined ? '' : ` on branch "${branch}"`;
    throw new NotFound(`project "${project}" has no build "${version}"${where}: the page of builds shows their names`);
  });
}

export async function listPins(store: Store): Promise<Pin[]> {
  const rows = await store.sql.all<Pin>(
    `SELECT p.slug AS project, b.version, r.name AS branch, b.pinned_at AS "pinnedAt", b.pinned_because AS because
     FROM build b JOIN project p ON p.id = b.project_id JOIN branch r ON r.id = b.branch_id
     WHERE b.pinned_at IS NOT NULL ORDER BY p.slug, b.version, r.name`,
  );
  return rows.map(({ pinnedAt, because, ...name }) => ({
    pinnedAt,
    because: because === null ? null : fromStored(because),
    project: fromStored(name.project),
    version: fromStored(name.version),
    branch: fromStored(name.branch),
  }));
}

/** Where a job is: nulls for one that is in no build. */
export type Whereabouts = { [Key in keyof Place]: Place[Key] | null };

/**
 * Where a stored job goes that rules or a correction place anew; call inside a transaction. A pin goes along, and a job
 * of a pinned build that would be in none any more stays: retention must not take what was to be kept.
 */
export async function moveWithPin({ store }: Writer, from: Whereabouts, to: Place | null): Promise<Whereabouts> {
  const target = to ?? { projectId: null, branchId: null, buildId: null };
  if (target.buildId === from.buildId || from.buildId === null) return target;
  const pin = await store.sql.get<{ at: Micros; because: string | null }>(
    'SELECT pinned_at AS at, pinned_because AS because FROM build WHERE id = ? AND pinned_at IS NOT NULL',
    from.buildId,
  );
  if (!pin) return target;
  if (target.buildId === null) return from;
  await store.sql.run(
    'UPDATE build SET pinned_at = ?, pinned_because = ? WHERE id = ? AND pinned_at IS NULL',
    ...[pin.at, pin.because, target.buildId],
  );
  return target;
}
