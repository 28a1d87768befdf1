/** Attempts at the same: jobs of a build that are alike, and those that one was submitted again from. */
import type { Viewer } from '#schema/viewer.ts';
import { labelHash } from './dictionary.ts';
import { type EnvironmentRow, listEnvironments } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { getJobsById, getJobTexts, type JobRow } from './job.ts';
import type { JobText } from './job-text.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';

const AT_MOST = 50;
/** From a job to the one it came from, or to those that came from it. */
const STEPS = 10;

type Texts = Map<number, JobText>;

/** Oldest first, the job among them; none when it is the only one. */
export async function listAttempts(store: Store, viewer: Viewer, job: JobRow): Promise<JobRow[]> {
  const environments = await listEnvironments(store, viewer, { sources: { slugs: [job.slug] } });
  const texts: Texts = await getJobTexts(store, viewer, [job.id]);
  const found = new Map([[job.id, job]]);
  let fresh = [job, ...(await listAlike(store, viewer, job, environments, texts))];
  for (let step = 0; fresh.length > 0 && step < STEPS && found.size < AT_MOST; step++) {
    for (const one of fresh) found.set(one.id, one);
    const missing = fresh.flatMap(({ id }) => (texts.has(id) ? [] : [id]));
    for (const [id, text] of await getJobTexts(store, viewer, missing)) texts.set(id, text);
    const ids = await listRelated(store, fresh, environments, texts);
    const next = await getJobsById(
      store,
      viewer,
      ids.filter((id) => !found.has(id)),
    );
    fresh = [...next.values()];
  }
  if (found.size === 1) return [];
  return [...found.values()]
    .sort((a, b) => a.submitAt - b.submitAt || a.number - b.number || a.id - b.id)
    .slice(-AT_MOST);
}

/** Other jobs of its build, the newest, that are to do the same. */
async function listAlike(
  store: Store,
  viewer: Viewer,
  { id, buildId, deviceTypeId, description, role, healthCheck }: JobRow,
  environments: readonly EnvironmentRow[],
  texts: Texts,
): Promise<JobRow[]> {
  if (buildId === null || healthCheck) return [];
  const rows = await store.sql.all<{ id: number }>(
    `SELECT id FROM job WHERE build_id = ? AND env_id IN ${LISTED[store.engine]} AND health_check = 0
       AND coalesce(description, '') = ? AND coalesce(role, '') = ?
     ORDER BY submit_at DESC, id DESC LIMIT ${AT_MOST}`,
    buildId,
    idList(environments.filter((env) => env.deviceTypeId === deviceTypeId).map((env) => env.id)),
    toStored(description ?? ''),
    toStored(role ?? ''),
  );
  const others = rows.flatMap((row) => (row.id === id ? [] : [row.id]));
  if (others.length === 0) return [];
  for (const [other, text] of await getJobTexts(store, viewer, others)) texts.set(other, text);
  const planned = (of: number) => [...new Set(texts.get(of)?.plannedSuites)].sort().join('\n');
  const alike = others.filter((other) => planned(other) === planned(id));
  return [...(await getJobsById(store, viewer, alike)).values()];
}

const KEY = 'job.original';
/** What a master that was told no other calls itself. */
const UNNAMED = 'example.com';

/** Where the interface of a master says a job came from: host and number. */
function originalOf(text: JobText | undefined): { prefix: string; externalId: string } | null {
  const [, prefix, externalId] = /^(https?:\/\/.*\/scheduler\/job\/)(\d+)\/?$/.exec(text?.metadata[KEY] ?? '') ?? [];
  return prefix !== undefined && externalId !== undefined ? { prefix, externalId } : null;
}

/**
 * Jobs that these came from, and those that came from these: by the number alone, on the same master, because a master
 * may not know its own name. Those that came are found where it gives a name that is known here.
 */
async function listRelated(
  { sql, engine }: Store,
  jobs: readonly JobRow[],
  environments: readonly EnvironmentRow[],
  texts: Texts,
): Promise<number[]> {
  const [first] = jobs;
  if (!first) return [];
  const originals = jobs.flatMap(({ id }) => originalOf(texts.get(id)) ?? []);
  const { host, pathname } = new URL(first.sourceUrl);
  const prefixes = new Set([
    ...originals.map(({ prefix }) => prefix),
    ...[`${host}${pathname}`, `${UNNAMED}/`].flatMap((place) =>
      ['http', 'https'].map((scheme) => `${scheme}://${place.replace(/\/*$/, '')}/scheduler/job/`),
    ),
  ]);
  const names = jobs.flatMap(({ externalId }) => [...prefixes].map((prefix) => labelHash(KEY, prefix + externalId)));
  const numbers = originals.map(({ externalId }) => externalId);
  const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ');
  const envs = idList(environments.map(({ id }) => id));
  const rows = await sql.all<{ id: number }>(
    `SELECT j.id FROM label l JOIN job_label jl ON jl.label_id = l.id JOIN job j ON j.id = jl.job_id AND j.env_id = jl.env_id
     WHERE l.hash IN (${marks(names)}) AND j.epoch = ? AND j.env_id IN ${LISTED[engine]}
     ${
       numbers.length === 0
         ? ''
         : `UNION SELECT id FROM job
            WHERE source_id = ? AND epoch = ? AND external_id IN (${marks(numbers)}) AND env_id IN ${LISTED[engine]}`
     }
     ORDER BY 1 DESC LIMIT ${AT_MOST}`,
    ...names,
    first.epoch,
    envs,
    ...(numbers.length === 0 ? [] : [first.sourceId, first.epoch, ...numbers, envs]),
  );
  return rows.map(({ id }) => id);
}
