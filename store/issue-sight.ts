/** Which known issues a viewer may see, and of which matches they may be told. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { listEnvironments } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { allSources } from './source.ts';
import type { Store, Value } from './store.ts';
import { fromStored, toStored } from './text.ts';

export type Clause = { text: string; values: readonly Value[] };

/**
 * Issues `i`: one that names a source is seen by who sees the source; any other by whoever is signed in, and by a visitor
 * where it explains something in his sight.
 */
export async function issueIsVisible(store: Store, viewer: Viewer): Promise<Clause> {
  if (viewer.kind === 'everything') return { text: '1 = 1', values: [] };
  const slugs = (await allSources(store, viewer)).map(({ slug }) => toStored(slug));
  const named = `i.source IN (${slugs.map(() => '?').join(', ')})`;
  if (viewer.kind === 'person') return { text: `(i.source IS NULL OR ${named})`, values: slugs };
  const within = await matchIsVisible(store, viewer);
  return {
    text: `(${named} OR (i.source IS NULL AND EXISTS (SELECT 1 FROM known_issue_match m WHERE m.issue_id = i.id AND ${within.text})))`,
    values: [...slugs, ...within.values],
  };
}

/** Matches `m` of jobs in sight. */
export async function matchIsVisible(store: Store, viewer: Viewer): Promise<Clause> {
  const environments = await listEnvironments(store, viewer, {});
  return { text: `m.env_id IN ${LISTED[store.engine]}`, values: [idList(environments.map(({ id }) => id))] };
}

/** Issues `i` that explain anything at an instant. */
export function isNotExpired(now: Micros): Clause {
  return { text: '(i.expires_at IS NULL OR i.expires_at > ?)', values: [now] };
}

/** Tells whether a change of an issue, as its event keeps the two states, names no source that the viewer does not see. */
export async function changeInSight(
  store: Store,
  viewer: Viewer,
): Promise<(event: { before: string | null; after: string | null }) => boolean> {
  const slugs = new Set((await allSources(store, viewer)).map(({ slug }) => slug));
  return ({ before, after }) =>
    [before, after].every((state) => {
      if (state === null) return true;
      const { source }: { source: string | null } = JSON.parse(fromStored(state));
      return source === null || slugs.has(source);
    });
}
