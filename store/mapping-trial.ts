/** What mapping rules would make of the jobs that are stored. Nothing is changed. */
import { type MappingRule, placeJob } from '#analysis/build-mapping.ts';
import type { Viewer } from '#schema/viewer.ts';
import { unpackJobText } from './job-text.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { adminOf } from './visibility.ts';

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
  unmatched: { lacks: string[]; jobs: number; example: string }[];
  /** Builds that come of it, by project, most jobs first. */
  projects: { project: string; builds: number; jobs: number }[];
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
  let [jobs, matched, moved] = [0, 0, 0];
  let before = LAST_ID;
  let isWhole = false;
  while (jobs < limit && !isWhole) {
    const rows = await store.sql.all<Row>(SELECT, before, Math.min(PAGE, limit - jobs));
    isWhole = rows.length < Math.min(PAGE, limit - jobs);
    for (const row of rows) {
      before = row.id;
      jobs += 1;
      const slug = fromStored(row.slug);
      const placing = placeJob(rules, slug, row.body ? unpackJobText(row.body).metadata : {});
      const now =
        row.version === null ? null : [row.project, row.branch, row.version].map((text) => fromStored(text ?? ''));
      if (placing.rule === null) {
        const { lacks } = placing;
        const known = unmatched.get(lacks.join());
        if (known) known.jobs += 1;
        else unmatched.set(lacks.join(), { lacks, jobs: 1, example: `${slug}/${fromStored(row.externalId)}` });
        if (now) moved += 1;
        continue;
      }
      const { project, branch, build } = placing.key;
      matched += 1;
      byRule[placing.rule] = (byRule[placing.rule] ?? 0) + 1;
      const of = projects.get(project) ?? { builds: new Set(), jobs: 0 };
      of.builds.add(JSON.stringify([branch, build]));
      of.jobs += 1;
      projects.set(project, of);
      if (JSON.stringify(now) !== JSON.stringify([project, branch, build])) moved += 1;
    }
  }
  return {
    ...{ jobs, isWhole, matched, moved, byRule },
    unmatched: [...unmatched.values()].sort((a, b) => b.jobs - a.jobs || (a.lacks.join() < b.lacks.join() ? -1 : 1)),
    projects: [...projects]
      .map(([project, of]) => ({ project, builds: of.builds.size, jobs: of.jobs }))
      .sort((a, b) => b.jobs - a.jobs || (a.project < b.project ? -1 : 1)),
  };
}

const SELECT = `SELECT j.id, j.external_id AS "externalId", s.slug, p.slug AS project, r.name AS branch, b.version, t.body
  FROM job j JOIN source s ON s.id = j.source_id
    LEFT JOIN build b ON b.id = j.build_id LEFT JOIN project p ON p.id = j.project_id LEFT JOIN branch r ON r.id = j.branch_id
    LEFT JOIN job_text t ON t.job_id = j.id AND t.env_id = j.env_id
  WHERE j.id < ? ORDER BY j.id DESC LIMIT ?`;
