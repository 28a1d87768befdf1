/** What a build must do to pass: of a file, of basalt.yaml, or of a query. */
import { z } from 'zod';

/** "*" stands for any characters, everything else for itself. */
const Pattern = z.string().min(1, 'write a name; "*" stands for any characters').max(512);
const DeviceTypes = z.array(Pattern).min(1, 'name a device type, or leave deviceTypes out for all of them').optional();

export const VerdictPolicy = z.strictObject({
  /** Suites that must run and pass. */
  required: z
    .array(z.strictObject({ suite: Pattern, deviceTypes: DeviceTypes }))
    .min(1, 'require a suite at least; "*" is every suite')
    .max(1_000)
    .default([{ suite: '*' }]),
  /** Failures that do not count. */
  allowed: z
    .array(
      z.strictObject({
        suite: Pattern,
        /** By its name in the suite, with its set where it has one: net/ping. */
        test: Pattern,
        deviceTypes: DeviceTypes,
        because: z.string().min(1).max(1_000).optional(),
      }),
    )
    .max(1_000)
    .default([]),
  /** So many labs must see a test fail before it counts; where fewer ran it, all of them. */
  labs: z.int().min(1).max(100).default(1),
  /** Whether failures that a known issue explains count all the same. */
  knownIssues: z.enum(['ignore', 'count'], 'write ignore or count').default('count'),
});
export type VerdictPolicy = z.infer<typeof VerdictPolicy>;

export const DEFAULT_POLICY: VerdictPolicy = VerdictPolicy.parse({});
