/** The `sources` and `projects` of basalt.yaml. */
import { z } from 'zod';
import { HistoryOrder, MegabytesPerHour, QuietHours, RetentionDays } from '#schema/source-settings.ts';
import { RuleFields, RuleProject } from '#store/mapping-rule.ts';

/** A secret is named, never written down. */
export const SecretReference = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  {
    error: 'write { env: NAME } or { file: PATH }: secrets are not kept in the configuration',
  },
);
export type SecretReference = z.infer<typeof SecretReference>;

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and "-", beginning with a letter or digit');

export const SourceConfig = z.strictObject({
  slug,
  name: z.string().min(1).optional(),
  /** `agent`: `basalt agent` reads the master in its lab, and pushes what it reads. */
  kind: z.enum(['lava', 'agent'], 'use lava, or agent for a master that an agent reads').default('lava'),
  url: z
    .url({ protocol: /^https?$/, error: 'write the address of the master, for example https://lava.example.org/' })
    .transform((url) => (url.endsWith('/') ? url : `${url}/`)),
  token: SecretReference.optional(),
  /** By which an agent pushes for this source: the same here and there. */
  agentKey: SecretReference.optional(),
  /** PEM file of the authority that signed the master's certificate. */
  ca: z.string().min(1).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  visibility: z.enum(['public', 'internal', 'restricted'], 'use public, internal or restricted').default('public'),
  /** Who may see a restricted source. */
  teams: z.array(z.string().min(1)).default([]),
  budget: z
    .strictObject({
      concurrent: z.int().min(1).max(32).default(2),
      perMinute: z.int().min(6).max(6000).default(120),
      /** Of answers; none when it is left out. */
      megabytesPerHour: MegabytesPerHour.optional(),
      quietHours: QuietHours.optional(),
    })
    .prefault({}),
  /** Whether to listen to the master's events where it has them. */
  events: z.enum(['auto', 'off'], 'use auto or off').default('auto'),
  /** Where an old master publishes its events by ZMQ; they are heard there instead of at its websocket. */
  zmq: z
    .string()
    .regex(
      /^tcp:\/\/([\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}$/,
      'write the address of its publisher, for example tcp://lava.example.org:5500',
    )
    .refine((text) => Number(/\d+$/.exec(text)?.[0]) < 65_536, 'the port is at most 65535')
    .optional(),
  /** With this token the master's jobs may tell that they have ended. */
  callback: z.strictObject({ token: SecretReference }).optional(),
  /** When to look for news, as a cron expression; six fields begin with seconds. */
  poll: z.string().default('* * * * *'),
  /** Of a master that is new here, which jobs of its past are read first. */
  history: HistoryOrder.default('newest'),
  /** Jobs submitted before this day (UTC) are not read. */
  historySince: z.iso
    .date('write a day: "2025-01-31"')
    .transform((day) => Date.parse(day) * 1000)
    .nullable()
    .default(null),
  paused: z.boolean().default(false),
  /** How often every job of the master is compared with what is stored, hours. */
  auditHours: z.int().min(1).max(8760).default(24),
  retention: RetentionDays.prefault({}),
  /** How long after its end a job's results may still arrive. */
  settleSeconds: z.int().min(0).max(86_400).default(10),
});
export type SourceConfig = z.infer<typeof SourceConfig>;

/** Of the file in a lab: where `basalt agent` pushes what it reads. */
export const AgentConfig = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'write the address of Basalt, for example https://basalt.example.org/' })
    .transform((url) => (url.endsWith('/') ? url : `${url}/`)),
  /** PEM file of the authority that signed Basalt's certificate. */
  ca: z.string().min(1).optional(),
  /** Of each source. */
  spoolMegabytes: z.int().min(16).max(1_000_000).default(1_024),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

export const ProjectConfig = z.strictObject({ slug: RuleProject, ...RuleFields.shape });
export type ProjectConfig = z.infer<typeof ProjectConfig>;
