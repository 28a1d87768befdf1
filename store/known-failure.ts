/** Failing tests of a build that known issues explain. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { type FailingTestPage, type FailingTestRow, failingTestKey, listFailingTests } from './failing-test.ts';
import { issuesOfSeenJobs, issuesOfTest } from './issue-match.ts';
import type { IssueRow } from './known-issue.ts';
import type { MatrixScope } from './matrix.ts';
import { type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';

/** Failing tests that are looked at at a time, and in all for one page. */
const AT_ONCE = 5_000;
const AT_MOST = 20_000;

/** For each test, in the order of its labs, the issue that explains its failure there; a failure after an issue's fix is not explained. */
export async function explainFailing(
  store: Store,
  viewer: Viewer,
  tests: readonly FailingTestRow[],
  now: Micros,
): Promise<(IssueRow | null)[][]> {
  const failed = tests.flatMap(({ labs }) => labs.filter(({ result }) => result === 'FAIL').map(({ jobId }) => jobId));
  const issues = await issuesOfSeenJobs(store, viewer, [...new Set(failed)], now);
  return tests.map(({ suite, set, name, labs }) =>
    labs.map(({ jobId, result }) => {
      if (result !== 'FAIL') return null;
      const explained = issuesOfTest(issues.get(jobId) ?? [], { suite, set, name });
      return explained.find(({ issue, at }) => issue.fixedAt === null || at <= issue.fixedAt)?.issue ?? null;
    }),
  );
}

/** Those that an issue explains in a lab at least, by the newest run of each lab: any issue, or one by its number. */
export async function listKnownFailing(
  store: Store,
  viewer: Viewer,
  build: Pick<BuildRow, 'id' | 'branchId'>,
  scope: MatrixScope,
  page: PageRequest,
  issue: number | null,
  now: Micros,
): Promise<FailingTestPage> {
  const found: FailingTestRow[] = [];
  let asked: PageRequest = { ...page, limit: AT_ONCE };
  for (let looked = 0; ; ) {
    const { rows, hasNext, hasPrevious, stoppedAt } = await listFailingTests(store, viewer, build, scope, asked);
    const explained = await explainFailing(store, viewer, rows, now);
    const known = rows.filter((_, i) =>
      explained[i]?.some((one) => one !== null && (issue === null || one.id === issue)),
    );
    found.push(...(page.backward ? known.toReversed() : known));
    looked += rows.length;
    const last = page.backward ? rows[0] : rows.at(-1);
    const on = stoppedAt ?? (last ? failingTestKey(last) : null);
    const isDone = !(page.backward ? hasPrevious : hasNext) || on === null;
    if (isDone || found.length > page.limit || looked >= AT_MOST) {
      const { rows: shown, ...edges } = toPage(found.slice(0, page.limit + 1), page);
      const isCut = !isDone && found.length <= page.limit;
      if (isCut) edges[page.backward ? 'hasPrevious' : 'hasNext'] = true;
      return { ...edges, rows: shown, stoppedAt: isCut ? on : null };
    }
    asked = { ...asked, ...(page.backward ? { before: on } : { after: on }) };
  }
}
