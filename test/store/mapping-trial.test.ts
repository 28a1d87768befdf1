/** What a trial of mapping rules says must be what comes of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Condition, MappingRule } from '#analysis/build-mapping.ts';
import { applyRules } from '#store/apply-rules.ts';
import { Forbidden } from '#store/error.ts';
import { type BuildPlace, tryMapping } from '#store/mapping-trial.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const EVERYTHING = { kind: 'everything' } as const;
const value = fc.constantFrom('', 'red', 'blue', '{x}', 'x/y.git', 'x'.repeat(257));
const metadata = fc.dictionary(fc.constantFrom('tree', 'git.describe', 'team'), value);
const template = fc.constantFrom('fixed', '{tree}', '{git.describe}', '{tree:basename}', '{metadata.team}');
const rule: fc.Arbitrary<MappingRule> = fc.record(
  {
    project: template,
    match: fc.dictionary(fc.constantFrom('tree', 'team'), fc.constantFrom<Condition>('*', 'red', { regex: '^r|u' })),
    build: template,
    branch: template,
    sources: fc.subarray(['alpha', 'beta'], { minLength: 1 }),
  },
  { requiredKeys: ['project', 'match', 'build'] },
);

const nameOf = ({ project, branch, build }: BuildPlace) => JSON.stringify([project, branch, build]);

/** Builds that have jobs. */
async function buildsOf({ store }: Writer): Promise<string[]> {
  const rows = await store.sql.all<BuildPlace>(
    `SELECT DISTINCT p.slug AS project, r.name AS branch, b.version AS build FROM job j JOIN build b ON b.id = j.build_id
       JOIN project p ON p.id = b.project_id JOIN branch r ON r.id = b.branch_id`,
  );
  return rows.map(nameOf);
}

test('as many jobs move as a trial says, into the builds that it says', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('alpha', 'beta'), metadata), { minLength: 1, maxLength: 8 }),
      fc.array(rule, { minLength: 1, maxLength: 3 }),
      fc.array(rule, { minLength: 1, maxLength: 3 }),
      async (jobs, before, after) => {
        const writer = createWriter((await temporaryWriter(['alpha', 'beta'])).store, before);
        for (const [n, [slug, said]] of jobs.entries())
          await write(writer, slug, changeOf(jobOf({ externalId: String(n + 1), metadata: said }), []));

        const trial = await tryMapping(writer.store, EVERYTHING, after, 100);
        const wasIn = await buildsOf(writer);
        const stay = await tryMapping(writer.store, EVERYTHING, before, 100);
        const moved = await applyRules(createWriter(writer.store, after), () => 1);

        expect(stay).toMatchObject({ moved: 0, appearing: [], vanishing: [], examples: [] });
        const isIn = await buildsOf(writer);
        const only = (these: string[], others: string[]) => these.filter((name) => !others.includes(name)).sort();
        expect(trial.appearing.map(nameOf).sort()).toEqual(only(isIn, wasIn));
        expect(trial.vanishing.map(nameOf).sort()).toEqual(only(wasIn, isIn));
        expect(trial.examples).toHaveLength(Math.min(moved, 10));
        expect(trial).toMatchObject({ jobs: jobs.length, isWhole: true, moved });
        const { sql } = writer.store;
        const rows = await sql.all<{ n: number; builds: number }>(
          'SELECT count(*) AS n, count(DISTINCT build_id) AS builds FROM job WHERE build_id IS NOT NULL GROUP BY project_id',
        );
        const found = rows.map(({ n, builds }) => `${n} ${builds}`).sort();
        expect(trial.projects.map((of) => `${of.jobs} ${of.builds}`).sort()).toEqual(found);
        expect(trial.matched).toBe(trial.byRule.reduce((n, jobs) => n + jobs, 0));
        expect(trial.matched + trial.unmatched.reduce((n, of) => n + of.jobs, 0)).toBe(jobs.length);
      },
    ),
    { numRuns: 40 },
  );
});

test('it says what the jobs lack, and looks at no more than it is told to', async () => {
  const writer = await temporaryWriter();
  const put = (n: number, said: Record<string, string>) =>
    write(writer, 'alpha', changeOf(jobOf({ externalId: String(n), metadata: said }), []));
  await put(1, { tree: 'mainline', 'git.describe': 'v1' });
  await put(2, { tree: 'mainline' });
  await put(3, { tree: 'mainline' });
  await put(4, { tree: 'other', 'git.describe': 'v1' });
  const rules = [{ project: 'p', match: { tree: 'mainline' }, build: '{git.describe}' }];

  expect(await tryMapping(writer.store, EVERYTHING, rules, 100)).toEqual({
    ...{ jobs: 4, isWhole: true, matched: 1, moved: 1, byRule: [1] },
    unmatched: [
      { lacks: ['git.describe'], jobs: 2, example: { source: 'alpha', externalId: '3' } },
      { lacks: ['tree: mainline'], jobs: 1, example: { source: 'alpha', externalId: '4' } },
    ],
    projects: [{ project: 'p', builds: 1, jobs: 1 }],
    appearing: [{ project: 'p', branch: '', build: 'v1' }],
    vanishing: [],
    examples: [{ source: 'alpha', externalId: '1', from: null, to: { project: 'p', branch: '', build: 'v1' } }],
  });
  expect(await tryMapping(writer.store, EVERYTHING, rules, 2)).toMatchObject({ jobs: 2, isWhole: false, matched: 0 });
  await expect(tryMapping(writer.store, { kind: 'anonymous' }, rules, 100)).rejects.toThrow(Forbidden);
});
