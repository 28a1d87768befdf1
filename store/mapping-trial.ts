/** What mapping rules would make of the jobs that are stored. Nothing is changed. */
import { setImmediate } from 'node:timers/promises';
import { type BuildKey, type MappingRule, placeJob } from '#analysis/build-mapping.ts';
import type { Viewer } from '#schema/viewer.ts';
import { unpackJobText } from './job-text.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { adminOf } from './visibility.ts';

export type BuildPlace = Pick<BuildKey, 'project' | 'branch' | 'build'>;
export type JobName = { source: string; externalId: string };
export type TrialJob = JobName & { from: BuildPlace | null; to: BuildPlace | null };

export type MappingTrial = {
  /** Looked at: the newest by the store's numbers. */
  jobs: number;
  isWhole: boolean;
  matched: number;
  /** Of those, the ones that are in another build now, or in none; and of the others, the ones that are in one. */
  moved: number;
  /** Jobs of each rule, in the order of the rules. */
  byRule: number[];
  /** What the others lack, most jobs first. */
  unmatched: { lacks: string[]; jobs: number; example: JobName }[];
  /** Builds that come of it, by project, most jobs first. */
  projects: { project: string; builds: number; jobs: number }[];
  /** Builds that none of these jobs is in now, and builds that none would be in. */
  appearing: BuildPlace[];
  vanishing: BuildPlace[];
  /** Some of the jobs that would move, the newest by the store's numbers. */
  examples: TrialJob[];
};

type Row = {
  id: number;
  externalId: string;
  slug: string;
  project: string | null;
  branch: string | null;
  version: string | null;
  body: Buffer | null;
};

const PAGE = 500;
const EXAMPLES = 10;
/** Above every number of the store. */
const LAST_ID = 2 ** 31 - 1;

/** @throws Forbidden for everybody but an admin and who has the store. */
export async function tryMapping(
  store: Store,
  viewer: Viewer,
  rules: readonly MappingRule[],
  limit: number,
): Promise<MappingTrial> {
  if (viewer.kind !== 'everything') adminOf(viewer);
  const byRule = rules.map(() => 0);
  const unmatched = new Map<string, MappingTrial['unmatched'][number]>();
  const projects = new Map<string, { builds: Set<string>; jobs: number }>();
  const [before, after] = [new Map<string, BuildPlace>(), new Map<string, BuildPlace>()];
  const examples: TrialJob[] = [];
  let [jobs, matched, moved] = [0, 0, 0];
  let from = LAST_ID;
  let isWhole = false;
  while (jobs < limit && !isWhole) {
    const rows = await store.sql.all<Row>(SELECT, from, Math.min(PAGE, limit - jobs));
    isWhole = rows.length < Math.min(PAGE, limit - jobs);
    for (const row of rows) {
      from = row.id;
      jobs += 1;
      const slug = fromStored(row.slug);
      const placing = placeJob(rules, slug, row.body ? unpackJobText(row.body).metadata : {});
      const is = placeOf(row);
      const willBe = placing.rule === null ? null : placing.key;
      const [now, then] = [nameOf(is), nameOf(willBe)];
      const job = { source: slug, externalId: fromStored(row.externalId) };
      if (is) before.set(now, is);
      if (now !== then) {
        moved += 1;
        if (examples.length < EXAMPLES) examples.push({ ...job, from: is, to: willBe && withoutCommit(willBe) });
      }
      if (placing.rule === null) {
        const { lacks } = placing;
        const known = unmatched.get(lacks.join());
        if (known) known.jobs += 1;
        else unmatched.set(lacks.join(), { lacks, jobs: 1, example: job });
        continue;
      }
      const { project } = placing.key;
      after.set(then, withoutCommit(placing.key));
      matched += 1;
      byRule[placing.rule] = (byRule[placing.rule] ?? 0) + 1;
      const of = projects.get(project) ?? { builds: new Set(), jobs: 0 };
      of.builds.add(then);
      of.jobs += 1;
      projects.set(project, of);
    }
    await setImmediate();
  }
  const only = (these: ReadonlyMap<string, BuildPlace>, others: ReadonlyMap<string, BuildPlace>) =>
    [...these].filter(([name]) => !others.has(name)).map(([, place]) => place);
  return {
    ...{ jobs, isWhole, matched, moved, byRule },
    unmatched: [...unmatched.values()].sort((a, b) => b.jobs - a.jobs || (a.lacks.join() < b.lacks.join() ? -1 : 1)),
    projects: [...projects]
      .map(([project, of]) => ({ project, builds: of.builds.size, jobs: of.jobs }))
      .sort((a, b) => b.jobs - a.jobs || (a.project < b.project ? -1 : 1)),
    appearing: only(after, before),
    vanishing: only(before, after),
    examples,
  };
}

function placeOf({ project, branch, version }: Row): BuildPlace | null {
  if (version === null) return null;
  return { project: fromStored(project ?? ''), branch: fromStored(branch ?? ''), build: fromStored(version) };
}

const withoutCommit = ({ project, branch, build }: BuildKey): BuildPlace => ({ project, branch, build });

const nameOf = (place: BuildPlace | null): string =>
  place === null ? '' : JSON.stringify([place.project, place.branch, place.build]);

const SELECT = `SELECT j.id, j.external_id AS "externalId", s.slug, p.slug AS project, r.name AS branch, b.version, t.body
  FROM job j JOIN source s ON s.id = j.source_id
    LEFT JOIN build b ON b.id = j.build_id LEFT JOIN project p ON p.id = j.project_id LEFT JOIN branch r ON r.id = j.branch_id
    LEFT JOIN job_text t ON t.job_id = j.id AND t.env_id = j.env_id
  WHERE j.id < ? ORDER BY j.id DESC LIMIT ?`;
