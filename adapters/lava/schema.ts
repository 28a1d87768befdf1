/** What we use of a master's answers, permissive about the rest. Wire words in, ours out happens in map.ts. */
import { z } from 'zod';
import { MAX_NAME, MAX_NUMBER } from '#schema/records.ts';
import { toMicros } from './time.ts';

const instant = z.string().transform((text, context) => {
  const micros = toMicros(text);
  if (micros !== null) return micros;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no instant` });
  return z.NEVER;
});

const name = z.string().max(MAX_NAME, `longer than ${MAX_NAME} characters: no name of a master is`);

const int = z.int().min(-MAX_NUMBER).max(MAX_NUMBER);

export const Envelope = z.object({ count: int.nonnegative(), results: z.array(z.unknown()) });

/** What names a record, also one that is not as expected. */
export const Keyed = z.object({
  id: int.optional().catch(undefined),
  hostname: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
});
export type Keyed = z.infer<typeof Keyed>;

export const JobRow = z.object({
  id: int.positive(),
  submitter: name.nullish(),
  viewing_groups: z.array(z.union([int, z.string()])).default([]),
  description: z.string().nullish(),
  health_check: z.boolean().default(false),
  requested_device_type: name.nullish(),
  tags: z.array(z.union([int, z.string()])).default([]),
  actual_device: name.nullish(),
  submit_time: instant,
  start_time: instant.nullish(),
  end_time: instant.nullish(),
  state: z.enum(['Submitted', 'Scheduling', 'Scheduled', 'Running', 'Canceling', 'Finished'], {
    error: ({ input }) => `${JSON.stringify(input)} is no state Basalt knows`,
  }),
  health: z.string(),
  priority: int.nullish(),
  definition: z.string().default(''),
  failure_comment: z.string().nullish(),
});
export type JobRow = z.infer<typeof JobRow>;

/** Fields that only some tokens, and only some versions, show. */
export const JobTraits = z.object({
  id: int.optional().catch(undefined),
  submit_time: instant.optional().catch(undefined),
  token: z.unknown().optional(),
  metadata: z.unknown().optional(),
});

export const SuiteRow = z.object({ id: int.positive(), name });
export type SuiteRow = z.infer<typeof SuiteRow>;

export const CaseRow = z.object({
  id: int.positive(),
  name: z.string(),
  result: z.string(),
  suite: int,
  test_set: int.nullish(),
  measurement: z.union([z.string(), z.number().transform(String)]).nullish(),
  unit: z.string().nullish(),
  units: z.string().nullish(),
  metadata: z.string().nullish(),
  start_log_line: int.nullish(),
  end_log_line: int.nullish(),
  logged: instant.nullish(),
});
export type CaseRow = z.infer<typeof CaseRow>;

export const WorkerRow = z.object({
  hostname: name.min(1),
  state: z.string(),
  health: z.string(),
  description: z.string().nullish(),
  version: z.string().nullish(),
  job_limit: int.nullish(),
  last_ping: instant.nullish(),
});

export const DeviceTypeRow = z.object({
  name: name.min(1),
  aliases: z.array(z.string()).nullish(),
  architecture: z.string().nullish(),
  processor: z.string().nullish(),
  cpu_model: z.string().nullish(),
  core_count: int.nullish(),
  description: z.string().nullish(),
});

export const DeviceRow = z.object({
  hostname: name.min(1),
  device_type: name,
  worker_host: name.nullish(),
  state: z.string(),
  health: z.string(),
  description: z.string().nullish(),
  device_version: z.string().nullish(),
  tags: z.array(z.union([int, z.string()])).default([]),
});

export const TagRow = z.object({ id: int, name: z.string() });
export const AliasRow = z.object({ name: z.string(), device_type: z.string() });
export const Named = z.object({ name: z.string() });
export const Hosted = z.object({ hostname: z.string() });
export const Version = z.object({ version: z.string() });
export const WhoAmI = z.object({ user: z.string() });
export const MasterConfig = z.object({
  EVENT_NOTIFICATION: z.boolean().optional(),
  LOG_SIZE_LIMIT: int.optional(),
});
