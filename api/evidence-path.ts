/** Where in the pages the runs and jobs behind a row of evidence are listed. */
import type { Versus } from '#analysis/attribution-facts.ts';
import type { EvidenceKind } from '#analysis/attribution-weights.ts';
import type { AttributionRow } from '#store/attribution.ts';
import { DAYS_AFTER, DAYS_BEFORE } from '#store/attribution-runs.ts';

const DAY = 86_400_000_000;

type Query = Record<string, string | null>;

export function evidencePath(
  { kind, counts }: { kind: EvidenceKind; counts: Versus | null },
  { job, suite }: Pick<AttributionRow, 'job' | 'suite'>,
): string {
  const { slug, externalId, device, deviceType, worker, project, build, submitAt, endAt } = job;
  const path = `/jobs/${encodeURIComponent(slug)}/${encodeURIComponent(externalId)}`;
  const [before, after] = counts?.isNear ? [2, 2] : [DAYS_BEFORE, DAYS_AFTER];
  const around = { since: dayOf(submitAt - before * DAY), until: dayOf(submitAt + (after + 1) * DAY) };
  const here = { lab: slug, type: deviceType, suite, ...around };
  const onBuild = { project, build, suite };
  const onWorker = {
    lab: slug,
    worker,
    since: dayOf((endAt ?? submitAt) - DAY),
    until: dayOf((endAt ?? submitAt) + DAY),
  };
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
    BUILD_WORSE_ELSEWHERE: jobs({ project, type: deviceType, suite, ...around }),
    BUILD_WORSE_HERE: jobs({ ...here, project }),
    BUILD_WORSE_ON_DEVICE: jobs({ ...here, project, device }),
    BUILD_ALIKE: jobs({ project, type: deviceType, suite, ...around }),
    TEST_WORSE: jobs({ suite, ...around }),
    LINES_FAIL: jobs({ suite, ...around }),
    LINES_ALL_FAIL: jobs({ suite, ...around }),
    LINES_PASS: jobs({ suite, ...around }),
    LABS_PASS: jobs({ ...onBuild, type: deviceType }),
    LABS_FAIL: jobs({ ...onBuild, type: deviceType }),
    TYPES_PASS: jobs(onBuild),
    TYPES_FAIL: jobs(onBuild),
    PEERS_PASS: jobs({ ...onBuild, lab: slug, type: deviceType }),
    PEERS_FAIL: jobs({ ...onBuild, lab: slug, type: deviceType }),
    MIXED_ON_BUILD: jobs({ ...onBuild, lab: slug, type: deviceType }),
    RETRY_PASSES: jobs({ ...onBuild, lab: slug, device }),
    RETRY_FAILS: jobs({ ...onBuild, lab: slug, device }),
    REST_OF_JOB_FAILS: `${path}?result=FAIL#cases`,
    REST_OF_JOB_PASSES: `${path}?result=PASS#cases`,
    WORKER_FAILS: jobs({ ...onWorker, checks: '1' }),
    WORKER_FINE: jobs({ ...onWorker, checks: '1' }),
    SAME_BUILD_FAILS: jobs({ ...onWorker, project, build }),
    SAME_BUILD_FINE: jobs({ ...onWorker, project, build }),
    ISOLATED: jobs({ suite, ...around }),
    DEVICE_BAD: device === null ? path : `/devices/${encodeURIComponent(slug)}/${encodeURIComponent(device)}`,
  };
  return links[kind];
}

function jobs(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) params.set(key, value);
  return `/jobs?${params}`;
}

function dayOf(micros: number): string {
  return new Date(micros / 1_000).toISOString().slice(0, 10);
}
