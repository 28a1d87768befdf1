/** What was injected into masters, as their seeder writes it down (`truth.json`: one entry a seeding). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidInput } from '#store/error.ts';

const Build = z
  .object({
    index: z.coerce.number(),
    'git-tree': z.string(),
    'git-branch': z.string(),
    'git-describe': z.string(),
    time: z.string(),
  })
  .transform((build) => ({
    index: build.index,
    tree: build['git-tree'],
    branch: build['git-branch'],
    version: build['git-describe'],
    /** Milliseconds. */
    at: Date.parse(`${build.time.replace(' ', 'T').replace(/(\+00:00|Z)$/, '')}Z`),
  }));

const Regression = z
  .object({
    suite: z.string(),
    case: z.string(),
    device_type: z.string(),
    from_build: z.int(),
    until_build: z.int().nullable(),
    tree: z.string().nullable(),
    only_master: z.string().nullable(),
  })
  .transform((one) => ({
    suite: one.suite,
    name: one.case,
    deviceType: one.device_type,
    from: one.from_build,
    until: one.until_build,
    tree: one.tree,
    master: one.only_master,
  }));

const Seeding = z.object({
  master: z.string(),
  regressions: z.array(Regression),
  flaky: z.record(z.string(), z.record(z.string(), z.number())),
  bad_device: z.object({ hostname: z.string(), from: z.string() }),
  builds: z.array(Build).min(1),
});

export type Seeding = z.infer<typeof Seeding>;
export type InjectedRegression = Seeding['regressions'][number];
export type InjectedBuild = Seeding['builds'][number];

/** @throws InvalidInput that says which file is wrong and where. */
export function readTruth(files: readonly string[]): Seeding[] {
  return files.flatMap((file) => {
    try {
      return z.array(Seeding).parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (cause) {
      if (cause instanceof z.ZodError) throw new InvalidInput(`${file}: ${z.prettifyError(cause)}`);
      throw new InvalidInput(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  });
}
