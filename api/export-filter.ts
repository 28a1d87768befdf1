/** What is to be exported, as the query of an address or the options of a command say it. */
import { z } from 'zod';
import { FailureClass, JobHealth, JobState, TestResult } from '#schema/records.ts';
import type { ScanFilter } from '#store/case-scan.ts';
import { InvalidInput } from '#store/error.ts';
import { many, one, readQuery, text } from './query.ts';
import { fromInstant } from './scalars.ts';

const flag = z.enum(['true', 'false']).transform((given) => given === 'true');
const instant = z.string().transform((given, context) => {
  try {
    return fromInstant(given);
  } catch (cause) {
    context.addIssue({ code: 'custom', message: cause instanceof Error ? cause.message : String(cause) });
    return z.NEVER;
  }
});
const pair = text.transform((given, context) => {
  const equals = given.indexOf('=');
  if (equals > 0) return { key: given.slice(0, equals), value: given.slice(equals + 1) };
  context.addIssue({ code: 'custom', message: `"${given}" is no KEY=VALUE` });
  return z.NEVER;
});

/**
 * Values of one name are alternatives; names narrow each other. They mean what they do in TestCaseFilter of the API;
 * docs/operations/export.md lists them.
 */
const Parameters = z.strictObject({
  source: many(text),
  label: many(pair),
  /** Number of one job on its source: every case of it, steps among them. */
  job: one(text),
  project: one(text),
  build: one(text),
  result: many(TestResult),
  suite: one(text),
  name: one(text),
  since: one(instant),
  until: one(instant),
  updatedSince: one(instant),
  endedSince: one(instant),
  deviceType: many(text),
  device: one(text),
  worker: one(text),
  submitter: many(text),
  state: many(JobState),
  health: many(JobHealth),
  failureClass: many(FailureClass),
  description: one(text),
  metadata: many(pair),
  tag: many(text),
  hasFailures: one(flag),
  healthChecks: one(flag),
  /** A last column with the master's own text of each case. */
  withMetadata: one(flag),
});

export type ExportRequest = {
  filter: ScanFilter;
  /** One job instead of all that match. */
  job: { source: string; externalId: string } | null;
  withMetadata: boolean;
};

/** @throws InvalidInput that names everything that is wrong. */
export function readExportRequest(given: Readonly<Record<string, unknown>>): ExportRequest {
  const { source, job, suite, name, result, label, deviceType, tag, healthChecks, withMetadata, ...rest } = readQuery(
    Parameters,
    given,
  );
  if (rest.build !== undefined && rest.project === undefined)
    throw new InvalidInput('"build" needs "project": versions repeat between projects.');
  if (job !== undefined && source?.length !== 1)
    throw new InvalidInput('"job" needs one "source": numbers repeat between sources.');
  return {
    filter: {
      ...{ suite, name, result },
      job: {
        ...rest,
        sources: { slugs: source, labels: label },
        deviceTypes: deviceType,
        tags: tag,
        includeHealthChecks: healthChecks,
      },
    },
    job: job === undefined ? null : { source: source?.[0] ?? '', externalId: job },
    withMetadata: withMetadata ?? false,
  };
}
