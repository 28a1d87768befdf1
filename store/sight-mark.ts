/** What a cursor remembers of what its reader could see, so that nobody goes on where there are gaps for him. */
import { digest } from './codec.ts';
import { CursorTooOld } from './error.ts';
import { type SourceFilter, sourceIdsOf } from './source.ts';
import type { Store } from './store.ts';
import type { Sight } from './visibility.ts';

/** `newest`: of all sources there were. `seen`: a digest of those in sight and of who may see them. */
export type SightMark = { newest: number; seen: string };

export type SightRead = { mark: SightMark; sourceIds: number[]; assertGoesOn(before: SightMark): void };

const BYTES = 9;

/** Over the sources that are in sight and asked for. */
export async function readSight(store: Store, sight: Sight, filter: SourceFilter): Promise<SightRead> {
  const rows = await store.sql.all<{ id: number; version: number }>(
    'SELECT id, sight_version AS version FROM source ORDER BY id',
  );
  const ids = new Set(await sourceIdsOf(store, sight, filter));
  const inSight = rows.filter(({ id }) => ids.has(id));
  const seenUpTo = (newest: number) => {
    const those = inSight.filter(({ id }) => id <= newest).map(({ id, version }) => [id, version]);
    return digest(JSON.stringify([sight.seesPrivate, those]))
      .subarray(0, BYTES)
      .toString('base64url');
  };
  const newest = rows.at(-1)?.id ?? 0;
  return {
    mark: { newest, seen: seenUpTo(newest) },
    sourceIds: inSight.map(({ id }) => id),
    assertGoesOn(before) {
      // All that a source has which was added since, and to the same people ever since, has changed since too.
      const isNewOrSame = inSight.every(({ id, version }) => id <= before.newest || version === 0);
      if (seenUpTo(before.newest) === before.seen && isNewOrSame) return;
      throw new CursorTooOld(
        'What you may see, or the sources you ask for, are others than where this cursor was given: begin anew, without "after".',
      );
    },
  };
}
