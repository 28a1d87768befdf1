/** Where in the pages the runs and jobs behind a row of evidence are listed. */
import type { Versus } from '#analysis/attribution-facts.ts';
import type { EvidenceKind } from '#analysis/attribution-weights.ts';
import type { AttributionRow } from '#store/attribution.ts';
import { DAYS_AFTER, DAYS_BEFORE } from '#store/attribution-runs.ts';

const DAY = 86_400_000_000;

type Query = Record<string, string | readonly string[] | null>;

/** Of jobs, those that ended are counted, health checks among them. */
const ENDED: Query = { checks: '1', health: ['Complete', 'Incomplete'] };

/** Lists hold what was counted and more: days are whole, and the job itself is among them. */
export function evidencePath(
  { kind, counts }: { kind: EvidenceKind; counts: Versus | null },
  { job, test }: Pick<AttributionRow, 'job' | 'test'>,
): string {
  const { slug, externalId, device, deviceType, worker, project, branch, build, submitAt, endAt } = job;
  const path = `/jobs/${encodeURIComponent(slug)}/${encodeURIComponent(externalId)}`;
  const [before, after] = counts?.isNear ? [2, 2] : [DAYS_BEFORE, DAYS_AFTER];
  const around = { since: dayOf(submitAt - before * DAY), until: dayOf(submitAt + (after + 1) * DAY) };
  const kindOfJob: Query = test ? { suite: test.suite } : ENDED;
  const here = { lab: slug, type: deviceType, ...kindOfJob, ...around };
  const onBuild = { project, branch, build, ...kindOfJob };
  const onWorker = {
    lab: slug,
    worker,
    since: dayOf((endAt ?? submitAt) - DAYS_BEFORE * DAY),
    until: dayOf((endAt ?? submitAt) + DAY),
    ...ENDED,
  };
  /** Runs of the test by builds, where there is one. */
  const runs = (query: Query) =>
    test && project
      ? list(`/tests/${encodeURIComponent(project)}/${encodeURIComponent(test.suite)}`, {
          ...{ test: test.test, set: test.set },
          ...query,
          ...around,
        })
      : jobs({ project, ...query, ...kindOfJob, ...around });
  const all = test ? runs({}) : jobs({ type: deviceType, ...kindOfJob, ...around });
  const links: Record<EvidenceKind, string> = {
    ERROR_INFRASTRUCTURE: `${path}#log`,
    ERROR_CONFIGURATION: `${path}#log`,
    ERROR_LAVA: `${path}#log`,
    ERROR_TEST: `${path}#log`,
    ERROR_JOB: `${path}#log`,
    BEFORE_KERNEL: `${path}#log`,
    AFTER_KERNEL: `${path}#log`,
    KERNEL_FAULT: `${path}#log`,
    DEVICE_WORSE: jobs({ ...here, device }),
    DEVICE_ALIKE: jobs({ ...here, device }),
    LONE_DEVICE_WORSE: jobs({ ...here, device }),
    LAB_WORSE: jobs(here),
    LAB_ALIKE: jobs(here),
    BUILD_WORSE_ELSEWHERE: runs({ type: deviceType, branch }),
    BUILD_WORSE_HERE: runs({ lab: slug, type: deviceType, branch }),
    BUILD_WORSE_ON_DEVICE: jobs({ ...here, project, branch, device }),
    BUILD_ALIKE: runs({ type: deviceType, branch }),
    TEST_WORSE: all,
    LINES_FAIL: all,
    LINES_ALL_FAIL: all,
    LINES_PASS: all,
    LABS_PASS: jobs({ ...onBuild, type: deviceType }),
    LABS_FAIL: jobs({ ...onBuild, type: deviceType }),
    TYPES_PASS: jobs(onBuild),
    TYPES_FAIL: jobs(onBuild),
    PEERS_PASS: jobs({ ...onBuild, lab: slug, type: deviceType }),
    PEERS_FAIL: jobs({ ...onBuild, lab: slug, type: deviceType }),
    MIXED_ON_BUILD: jobs({ ...onBuild, lab: slug, type: deviceType }),
    RETRY_PASSES: jobs({ ...onBuild, lab: slug, device }),
    RETRY_FAILS: jobs({ ...onBuild, lab: slug, device }),
    REST_OF_JOB_FAILS: `${list(path, { result: 'FAIL', suite: test?.suite ?? null })}#cases`,
    REST_OF_JOB_PASSES: `${list(path, { result: 'PASS', suite: test?.suite ?? null })}#cases`,
    WORKER_FAILS: jobs(onWorker),
    WORKER_FINE: jobs(onWorker),
    SAME_BUILD_FAILS: jobs({ ...onWorker, project, branch, build }),
    SAME_BUILD_FINE: jobs({ ...onWorker, project, branch, build }),
    ISOLATED: all,
    DEVICE_BAD: device === null ? path : `/devices/${encodeURIComponent(slug)}/${encodeURIComponent(device)}`,
  };
  return links[kind];
}

function jobs(query: Query): string {
  return list('/jobs', query);
}

function list(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const one of [value ?? []].flat()) if (one) params.append(key, one);
  return `${path}?${params}`;
}

function dayOf(micros: number): string {
  return new Date(micros / 1_000).toISOString().slice(0, 10);
}
