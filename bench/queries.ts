/** Reading: CPU of what the pages ask, against one indexed row read in the same process. */
import { getBuild, getBuildTotals, listBuilds, listMatrix } from '#store/build.ts';
import { listTestCases } from '#store/case-scan.ts';
import { listJobs } from '#store/job.ts';
import type { PageRequest } from '#store/page.ts';
import { getSourceTotals, listActivity } from '#store/source.ts';
import { listJobCases } from '#store/test-case.ts';
import type { Opened } from './ingest.ts';
import { cpuMs, median } from './measure.ts';

const REPEATS = 30;
const PER_ROUND = 5;
const viewer = { kind: 'anonymous' } as const;
const page = (limit: number): PageRequest => ({ limit, after: null, before: null, backward: false });

export async function benchQueries(
  { store, sources }: Opened,
  line: (name: string, text: string) => void,
): Promise<void> {
  const measure = async (body: () => Promise<unknown>) => {
    await body();
    const rounds: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      rounds.push(
        await cpuMs(async () => {
          for (let n = 0; n < PER_ROUND; n++) await body();
        }),
      );
    }
    return median(rounds) / PER_ROUND;
  };
  const bySize = async (size: number) => {
    const row = await store.sql.get<{ id: number }>(
      'SELECT id FROM job WHERE pass + fail + skip + unknown = ? ORDER BY id LIMIT 1',
      size,
    );
    if (!row) throw new Error(`no job of ${size} cases`);
    return row.id;
  };
  const build = await getBuild(store, viewer, 'bench', 'v3');
  if (!build) throw new Error('no build v3');
  const ids = sources.map((source) => source.id);
  const [small, large] = [await bySize(2_000), await bySize(20_000)];
  const reference = await measure(() => store.sql.get('SELECT * FROM job WHERE id = ?', small));
  const report = async (name: string, body: () => Promise<unknown>) => {
    const ms = await measure(body);
    line(name, `${ms.toFixed(3)} ms CPU, ${(ms / reference).toFixed(0)} times one row by its key`);
  };
  await report('100 cases of a job of 2,000', () => listJobCases(store, viewer, small, {}, page(100)));
  await report('100 cases of a job of 20,000', () => listJobCases(store, viewer, large, {}, page(100)));
  await report('failing cases of a job of 20,000', () =>
    listJobCases(store, viewer, large, { result: ['FAIL'] }, page(50)),
  );
  await report('newest 50 jobs', () => listJobs(store, viewer, {}, page(50)));
  await report('newest 50 failures, all labs', () => listTestCases(store, viewer, { result: ['FAIL'] }, page(50)));
  await report('builds of a project', () => listBuilds(store, viewer, { projectId: build.projectId }, page(20)));
  await report('sums of a build', () => getBuildTotals(store, viewer, [build.id]));
  await report('matrix of a build, sums', () => listMatrix(store, viewer, build.id, null, null));
  await report('totals of ten labs', () => getSourceTotals(store, viewer, ids));
  await report('14 days of ten labs', () => listActivity(store, viewer, ids, 19_000));
}
