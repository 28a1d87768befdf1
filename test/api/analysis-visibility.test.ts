/** Histories, comparisons, rankings and figures: what may not be seen changes no byte of them. */
import { expect, test } from 'vitest';
import { toInstant } from '#api/scalars.ts';
import { addIssue } from '../store/known-issues.ts';
import { settings } from '../store/settings.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];

const scope = `scope: {until: "${toInstant(submitOf(48))}"}`;
/** Each costs less than a query may. */
const QUESTIONS = [
  `boot: testHistory(project: "mainline", suite: "smoke", name: "boot", ${scope}) { ...history }`,
  `late: testHistory(project: "mainline", suite: "smoke", name: "late", ${scope}) { ...history }`,
  `secret: testHistory(project: "secret", suite: "smoke", name: "boot", ${scope}) { ...history }`,
  `grid: historyGrid(project: "mainline", suite: "smoke", ${scope}) { ...cells }`,
  `secretGrid: historyGrid(project: "secret", suite: "smoke", ${scope}) { ...cells }`,
  `compare(project: "mainline", base: {previous: true}, target: {version: "v3"}, transitions: [PASS_TO_FAIL, FAIL_TO_PASS, STILL_FAILING, NEW_FAIL, NEW_PASS, MISSING, SKIP_CHANGE]) {
    base { version } target { version } pairCount counts { transition count }
    changes { totalCount edges { cursor node { suite set name environment { name } transition base { id job { id } } target { id job { id } } groupCount baseLabs { source { slug } result job { id } } targetLabs { source { slug } result job { id } } } } }
    differenceCount differences { suite source { slug } side counts { total } infrastructureFailures compared }
    differencesBySource { source { slug } side compared suiteCount resultCount } environmentCount environments { environment { name } counts { transition count } }
    coverage { sources { source { slug } } }
  }`,
  `compareMany(project: "mainline", sides: [{version: "v1"}, {version: "v2"}, {version: "v3"}]) {
    sides { build { version } counts { transition count } } counts { transition count } testCount
    tests { totalCount edges { cursor node { suite set name environment { name } transition results testCases { id job { id } } } } }
    differenceCount differences { suite source { slug } ran counts { total } infrastructureFailures compared }
    differencesBySource { source { slug } ran compared suiteCount resultCount }
  }`,
  `comparePeriods(periods: [{since: "${toInstant(submitOf(0))}", until: "${toInstant(submitOf(5))}"}, {since: "${toInstant(submitOf(5))}", until: "${toInstant(submitOf(48))}"}]) {
    periods { runCount truncated } testCount worseCount betterCount
    tests(change: [WORSE, BETTER, UNCHANGED]) { suite set name environment { name } change windows { passes fails } pValue qValue }
  }`,
  `once: build(project: "mainline", version: "v3") { counts(verdict: WORST) { pass fail total } jobs { nodes { id attempts { id } } }
    suites(verdict: MAJORITY) { matrix { cellCount problemCellCount repeatedCellCount newlyFailingCellCount } nodes { name cells { counts { pass fail } disagree recent } } } }`,
  `agreement: labAgreement(project: "mainline", version: "v3") { ...agreement }`,
  `strict: labAgreement(project: "mainline", version: "v3", quorum: 1) { ...agreement }`,
  `bySeries: flakyTests(${scope}) { ...ranking }`,
  `bySource: flakyTests(by: SOURCE, first: 2, ${scope}) { ...ranking }`,
  `regressions(first: 10, filter: {since: "${toInstant(submitOf(0))}", ${scope}, status: [EXTREME_REGRESSION, SIGNIFICANT_REGRESSION, NOT_SIGNIFICANT]}) {
    edges { cursor node { id suite set name since lastGood { version } firstBad { version } fixedIn { version } failingBuilds suspects { version } status knownIssue { number } isHeld flakeChance attribution { culprit probability evidence { text url } job { id } } pValue qValue effect sample { passes fails } base { passes fails } } }
    pageInfo { endCursor hasNextPage } coverage { sources { source { slug } } }
  }`,
  `jobs: stats(metric: JOBS, groupBy: [SOURCE, DEVICE_TYPE, PROJECT], interval: DAY, ${scope}) { ...figures }`,
  `rate: stats(metric: PASS_RATE, groupBy: [], interval: WEEK, ${scope}) { ...figures }`,
  `wait: stats(metric: QUEUE_SECONDS_P95, groupBy: [DEVICE_TYPE], interval: DAY, ${scope}) { ...figures }`,
  `build(project: "mainline", version: "v3") { missingCount missing { suite environment { name } kind jobCount lastBuild { version } }
    verdict { outcome sentence rows { suite environment { name } outcome why failing { set name failsIn passesIn } } } matrix { suite recent } }`,
  `fails: build(project: "mainline", version: "v3") { failingTests(first: 2) { ...failing } lastTests: failingTests(last: 2) { ...failing } }`,
  `knownIssues { totalCount nodes { ...issue } }`,
  `job(source: "open", externalId: "5") { knownIssues { cases issue { ...issue } } }`,
  `failureGroups { totalCount nodes { knownIssues { jobs issue { number } } fingerprint title count firstSeen lastSeen sources { slug } devices { hostname } } }`,
  `triage: failureGroups(orderBy: IMPACT, filter: {triaged: false}) { totalCount edges { cursor node { fingerprint buildCount errorPattern logPattern triage { state isRecurring knownIssue { number } } newest { line text job { id } } } } }`,
];

const FRAGMENTS: Record<string, string> = {
  issue: `fragment issue on KnownIssue { number title state reopenedAt matchCount matchesLast30Days firstMatchAt lastMatchAt isBeingHeld matches { nodes { cases job { id } } } changes { actor } }`,
  agreement: `fragment agreement on LabAgreement {
  sources { slug } testCount conflicts agreeing quorumFailures unconfirmed pairs { a { slug } b { slug } testCount agreeing conflicts }
  tests { totalCount edges { cursor node { suite set name environment { name } results agree labs { source { slug } result job { id } testCase { id } } } } }
  coverage { sources { source { slug } } }
}`,
  history: `fragment history on TestHistory { points { set result build { version } source { slug } job { id } measurement } truncated passRate flipRate flakeInterval changepoints { set branch environment { name } before { version } after { version } intervalBuilds fromRate toRate } coverage { sources { source { slug } } } }`,
  cells: `fragment cells on HistoryGrid { builds { version createdAt } rows { set name environment { name } cells failing { since { version } lastPass { version } buildCount } } counts { total green changed failing } truncated pageInfo { endCursor hasNextPage } coverage { sources { source { slug } } } }`,
  ranking: `fragment ranking on FlakyTestConnection { totalCount edges { cursor node { suite set name environment { name } source { slug } runs flips flipRate interval state onlyDevice { hostname } onlySource { slug } isFlakyEverywhere byDevice { source { slug } device { hostname } flakes failures runs flakeRate interval } bySource { source { slug } device { hostname } flakes failures runs flakeRate interval } flakes flakeRuns passedOnRetry excludedJobCount excludedJobs { id } } } pageInfo { endCursor hasNextPage } coverage { sources { source { slug } } } }`,
  failing: `fragment failing on FailingTestConnection { edges { cursor node { suite set name environment { name } labs { source { slug } result job { id } } } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } }`,
  figures: `fragment figures on StatSeries { buckets { at key { key value } value n } coverage { sources { source { slug } } } }`,
};

function toQuery(question: string): string {
  const used = Object.keys(FRAGMENTS).filter((name) => question.includes(`...${name} `));
  return [`{ ${question} }`, ...used.map((name) => FRAGMENTS[name])].join('\n');
}

/** Of what is seen and of what is hidden; one that a hidden failure reopens. */
async function addIssues(server: Server): Promise<void> {
  await addIssue(server.writer, { suite: 'smoke', name: '*' });
  await addIssue(server.writer, { suite: 'smoke', name: 'hidden' });
  await addIssue(server.writer, { suite: 'smoke', name: 'z', fixedAt: submitOf(6) });
  await addIssue(server.writer, { deviceType: '*' });
  await addIssue(server.writer, { source: 'open', name: 'b/boot' });
}

async function addVisible(server: Server): Promise<void> {
  await addBuildJob(server, {
    number: 3,
    build: 'v2',
    source: 'open',
    cases: { boot: 'P', 'a/boot': 'F', late: 'F', z: 'P', y: 'P' },
  });
  await addBuildJob(server, { number: 1, build: 'v1', source: 'open', cases: { late: 'P', boot: 'F' } });
  await addBuildJob(server, {
    number: 5,
    build: 'v3',
    source: 'open',
    cases: { y: 'F', boot: 'F', z: 'F', 'a/boot': 'P', new: 'P' },
  });
  await addBuildJob(server, { number: 7, build: 'v3', source: 'other', cases: { boot: 'P' }, deviceType: 'juno' });
  await addBuildJob(server, { number: 12, build: 'v3', source: 'other', cases: { boot: 'P', z: 'F', y: 'S' } });
}

/** The same tests in other orders, others besides, builds between, labs and boards that nobody sees. */
async function addHidden(server: Server): Promise<void> {
  const cases = { y: 'F', z: 'P', 'b/boot': 'F', 'a/boot': 'P', boot: 'P', hidden: 'F', late: 'S' };
  const secret = { 'git-tree': 'secret', 'git-describe': 'v1', 'git-branch': 'master' };
  const lost = { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', plannedSuites: ['smoke', 'net'] };
  await addBuildJob(server, { number: 2, build: 'v2', source: 'open', cases, isPublic: false, device: 'hidden' });
  await addBuildJob(server, { number: 4, build: 'v2b', source: 'open', cases, isPublic: false, device: 'hidden' });
  await addBuildJob(server, { number: 6, build: 'v3', source: 'open', cases, isPublic: false, deviceType: 'hidden' });
  await addBuildJob(server, { number: 8, build: 'v2', source: 'closed', cases, deviceType: 'juno' });
  await addBuildJob(server, { number: 9, build: 'v3', source: 'closed', cases: { boot: 'S' } });
  await addBuildJob(server, { number: 10, build: 'v3', source: 'closed', cases: {}, suite: 'lava', ...lost });
  await addBuildJob(server, { number: 11, build: 'v1', source: 'closed', cases, metadata: secret });
}

test.each(['before', 'after'])(
  'S-02: hidden jobs that arrived %s the visible ones change no byte of an answer',
  async (when) => {
    const sources = [settings('open'), settings('other')];
    const without = await startServer({ sources, access });
    await addVisible(without);
    const withHidden = await startServer({
      sources: [settings('closed', { visibility: 'RESTRICTED', teams: ['x'] }), ...sources],
      access,
    });
    if (when === 'before') await addHidden(withHidden);
    await addVisible(withHidden);
    if (when === 'after') await addHidden(withHidden);
    for (const server of [without, withHidden]) await addIssues(server);

    let differs = 0;
    for (const query of QUESTIONS.map(toQuery)) {
      const [a, b] = [await without.ask(query), await withHidden.ask(query)];
      expect(a.body.errors, query).toBeUndefined();
      expect(JSON.stringify(b)).toBe(JSON.stringify(a));
      const all = await withHidden.ask(query, { token: 'root-token' });
      if (JSON.stringify(all) !== JSON.stringify(a)) differs += 1;
    }
    expect(differs).toBeGreaterThan(QUESTIONS.length / 2);
  },
);
