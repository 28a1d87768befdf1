/**
 * `npm run bench:huge [-- --keep]`: two builds of a million results each, 300 suites on 40 kinds of boards in three
 * labs, and the first page of every list of the second, over GraphQL: CPU of this process against one row by its key.
 * With --keep the store stays and its folder is printed.
 */
import { parseArgs } from 'node:util';
import { buildBenchApp } from './app.ts';
import { type HugeShape, hugeBuild } from './huge-jobs.ts';
import { batches, openBench, writeBatch } from './ingest.ts';
import { cpuMs, median } from './measure.ts';

const ROUNDS = 15;
const SHAPE: HugeShape = {
  types: 40,
  cases: 28,
  labsOf: () => [0, 1, 2],
  runs: () => true,
  submitAt: (build, place) => 1_700_000_000 + build * 36_000 + place,
  firstNumber: 0,
};

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });

const CELL =
  'environment { name } counts { pass fail } infrastructureFailures disagree isNewlyFailing labs { source { slug } counts { pass fail } }';
const PAGES: Record<string, string> = {
  'sums, jobs, labs': 'counts { pass fail } jobCounts { complete } sources { slug } previous { version }',
  'matrix, totals alone': 'suites(first: 1) { matrix { suiteCount problemCellCount newlyFailingCellCount } }',
  'matrix, 20 suites': `suites(first: 20) { nodes { name cells { ${CELL} } } }`,
  'matrix, 20 suites with problems': `suites(first: 20, show: PROBLEMS) { nodes { name cells { ${CELL} } } }`,
  'matrix, last 20 suites': `suites(last: 20) { nodes { name cells { ${CELL} } } }`,
  'what is missing': 'missingCount missing(first: 50) { suite reason }',
  verdict: 'verdict { outcome sentence }',
  '50 failing tests': 'failingTests(first: 50) { nodes { suite name labs { result job { externalId } } } }',
  '50 jobs': 'jobs(first: 50) { totalCount nodes { externalId health } }',
  '50 jobs that failed': 'jobs(first: 50, filter: { health: [INCOMPLETE] }) { totalCount nodes { externalId } }',
  '50 results': 'testCases(first: 50) { nodes { suite name result } }',
  '50 failures': 'testCases(first: 50, result: [FAIL]) { totalCount nodes { suite name job { externalId } } }',
  '50 results of a suite': 'testCases(first: 50, suite: "suite-299") { nodes { name result } }',
};

const TESTS = 'nodes { suite name environment { name } labs { source { slug } result testCase { startLogLine } } }';
const ANALYSES: Record<string, string> = {
  'labs: conflicts and quorum': 'labAgreement(project: "huge", version: "v1") { conflicts quorumFailures unconfirmed }',
  'labs: 50 conflicts, pairs, counts': `labAgreement(project: "huge", version: "v1") {
    testCount agreeing conflicts pairs { testCount agreeing conflicts } tests(first: 50, show: CONFLICTS) { ${TESTS} } }`,
  'comparison with the build before': `compare(project: "huge", base: { previous: true }, target: { version: "v1" }) {
    counts { transition count } changes(first: 50, transition: [PASS_TO_FAIL]) { totalCount nodes { name groupCount } } }`,
};

const opened = await openBench();
for (const build of [0, 1]) {
  for (const batch of batches(hugeBuild(build, SHAPE))) await writeBatch(opened, batch);
}
const app = await buildBenchApp(opened.store);
const measured = async (body: () => Promise<unknown>) => {
  await body();
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await cpuMs(async () => void (await body())));
  return median(rounds);
};
const row = await measured(async () => {
  for (let i = 0; i < 100; i++) await opened.store.sql.get('SELECT * FROM job WHERE id = 7');
});
const ofBuild = Object.entries(PAGES).map(
  ([name, fields]) => [name, `build(project: "huge", version: "v1") { ${fields} }`] as const,
);
for (const [name, fields] of [...ofBuild, ...Object.entries(ANALYSES)]) {
  const query = `{ ${fields} }`;
  const ms = await measured(async () => {
    const answer = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    if (answer.statusCode !== 200 || answer.json().errors) throw new Error(answer.body.slice(0, 500));
  });
  process.stdout.write(
    `${name.padEnd(36)} ${ms.toFixed(1).padStart(6)} ms CPU, ${Math.round((ms / row) * 100)} rows\n`,
  );
}
await app.close();
if (values.keep) process.stdout.write(`${opened.folder}\n`);
else await opened.close();
