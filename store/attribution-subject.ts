/** Failures by what may be to blame for them. */
import type { Viewer } from '#schema/viewer.ts';
import { selectIn } from './many-rows.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { seesJob, sightOf } from './visibility.ts';

/** A job that failed, by numbers and by names; null where there is nothing, or nothing the viewer may see: its hidden board has no number either. */
export type SubjectJob = {
  id: number;
  envId: number;
  sourceId: number;
  slug: string;
  externalId: string;
  deviceTypeId: number;
  deviceType: string;
  deviceId: number | null;
  device: string | null;
  workerId: number | null;
  worker: string | null;
  projectId: number | null;
  branchId: number | null;
  buildId: number | null;
  project: string | null;
  branch: string | null;
  build: string | null;
  submitAt: number;
  endAt: number | null;
  health: number;
  failureClass: number;
  errorType: string | null;
  errorMessage: string | null;
};

type Row = SubjectJob & { isPublic: number; deviceIsPublic: number | null };

const SUBJECTS = `SELECT j.id, j.env_id AS "envId", j.source_id AS "sourceId", j.is_public AS "isPublic", s.slug,
    j.external_id AS "externalId",
    e.device_type_id AS "deviceTypeId", t.name AS "deviceType", j.device_id AS "deviceId", d.hostname AS device,
    d.is_public AS "deviceIsPublic", j.worker_id AS "workerId", w.hostname AS worker, j.project_id AS "projectId",
    j.branch_id AS "branchId", j.build_id AS "buildId", p.slug AS project, r.name AS branch, b.version AS build, j.submit_at AS "submitAt",
    j.end_at AS "endAt", j.health, j.failure_class AS "failureClass", j.error_type AS "errorType",
    j.error_message AS "errorMessage"
  FROM job j JOIN source s ON s.id = j.source_id JOIN env e ON e.id = j.env_id
    JOIN device_type t ON t.id = e.device_type_id LEFT JOIN device d ON d.id = j.device_id
    LEFT JOIN worker w ON w.id = j.worker_id LEFT JOIN build b ON b.id = j.build_id
    LEFT JOIN project p ON p.id = j.project_id LEFT JOIN branch r ON r.id = j.branch_id WHERE j.id`;

/** Those of the jobs that may be seen, by number. */
export async function getSubjectJobs(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, SubjectJob>> {
  const sight = await sightOf(store, viewer);
  const rows = await selectIn<Row>(store.sql, SUBJECTS, [], [...new Set(ids)]);
  const seen = rows.filter((row) => seesJob(sight, row));
  return new Map(
    seen.map(({ isPublic: _, deviceIsPublic, deviceId, device, ...row }) => {
      const seesDevice = sight.seesPrivate || deviceIsPublic === 1;
      const job = {
        ...row,
        deviceId: seesDevice ? deviceId : null,
        device: seesDevice ? text(device) : null,
        slug: fromStored(row.slug),
        externalId: fromStored(row.externalId),
        deviceType: fromStored(row.deviceType),
        worker: text(row.worker),
        project: text(row.project),
        branch: text(row.branch),
        build: text(row.build),
        errorType: text(row.errorType),
        errorMessage: text(row.errorMessage),
      };
      return [row.id, job];
    }),
  );
}

function text(value: string | null): string | null {
  return value === null ? null : fromStored(value);
}
