/**
 * Three labs whose every name says who may see it: "zzhushed-device" is a board of the private jobs of the public lab. A
 * world has some of these layers and not others; what a layer writes is the same in each, in the same order.
 */
import { createSecret } from '#api/secret.ts';
import type { JobRecord, SuiteRecord } from '#schema/records.ts';
import type { Person, Viewer } from '#schema/viewer.ts';
import { addFirstAdmin, saveAccount } from '#store/account.ts';
import { createToken } from '#store/api-token.ts';
import { explainStored } from '#store/explain-stored.ts';
import { listFailureGroups } from '#store/failure-group.ts';
import { setTriage } from '#store/group-triage.ts';
import { hideJob } from '#store/hide-job.ts';
import { getJob } from '#store/job.ts';
import { watchJob } from '#store/live-job.ts';
import { addAlias } from '#store/name-alias.ts';
import { addNote } from '#store/note.ts';
import { omitResults } from '#store/omission.ts';
import { retire } from '#store/retention.ts';
import { saveKnownIssue } from '#store/save-known-issue.ts';
import { writeFleet } from '#store/write-fleet.ts';
import { saveTail } from '#store/write-live.ts';
import { endRun, getSyncState, quarantine, startRun } from '#store/write-source.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { OOPS } from '../store/failing-world.ts';
import { issueOf } from '../store/known-issues.ts';
import { settings } from '../store/settings.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

export const LABS = ['open', 'inside', 'kernel'] as const;
type Lab = (typeof LABS)[number];
/** What everybody sees of a lab that sees the lab, and what admins see of it. */
export type Layer = Lab | `${Lab}hushed`;
/** What is hidden comes first: its rows have the lower numbers. */
export const LAYERS: readonly Layer[] = ['kernelhushed', 'kernel', 'insidehushed', 'inside', 'openhushed', 'open'];

const START = 1_780_000_000_000_000;
const HOUR = 3_600_000_000;
const MINUTE = 60_000_000;
export const NOW = START + 30 * HOUR;

const ROOT: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const VISIBILITY = { open: 'PUBLIC', inside: 'INTERNAL', kernel: 'RESTRICTED' } as const;

export const markOf = (layer: Layer, kind: string) => `zz${layer}-${kind}`;
export const labOf = (layer: Layer) => layer.replace('hushed', '') as Lab;
export const slugOf = (layer: Layer) => markOf(labOf(layer), 'lab');
export const numberOf = (layer: Layer, kind: number) => String(100 * (1 + LAYERS.indexOf(layer)) + kind);

/** Layers and kinds of names that a text tells, in its ids and cursors too: "openhushed device". */
export function marksIn(text: string): Set<string> {
  const unpacked = Array.from(text.matchAll(/"[\w-]{12,}"/g), ([word]) => Buffer.from(word, 'base64url').toString());
  const all = [text, ...unpacked].join('\n');
  return new Set(Array.from(all.matchAll(/zz([a-z]+)-([a-z]+)/g), ([, layer, kind]) => `${layer} ${kind}`));
}

export type GuardedWorld = Server & { tokens: Readonly<Record<string, string | undefined>> };

export async function guardedWorld(layers: readonly Layer[] = LAYERS): Promise<GuardedWorld> {
  const labs = [...LABS].reverse().filter((lab) => layers.includes(lab));
  const server = await startServer({
    now: () => NOW,
    sources: labs.map((lab) =>
      settings(slugOf(lab), {
        ...{ name: markOf(lab, 'name'), visibility: VISIBILITY[lab], labels: { site: markOf(lab, 'label') } },
        teams: lab === 'kernel' ? ['kernel'] : [],
      }),
    ),
    access: [
      { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' },
      { login: 'root', token: 'root-token', teams: [], role: 'admin' },
    ],
  });
  const tokens = await addPeople(server);
  const written = LAYERS.filter((layer) => layers.includes(layer));
  for (const lab of labs) await addFleet(server, lab, written);
  for (let kind = 0; kind < JOBS.length; kind++) for (const layer of written) await addOne(server, layer, kind);
  for (const layer of written) await addGone(server, layer);
  // What people write is numbered over all labs: what more may see comes first.
  const isHushed = (layer: Layer) => Number(layer !== labOf(layer));
  const byReach = [...written].reverse().sort((a, b) => isHushed(a) - isHushed(b));
  for (const layer of byReach) await addRemarks(server, layer);
  while (await explainStored(server.writer));
  for (const layer of written) await addTrouble(server, layer);
  return { ...server, tokens: { ann: 'ann-token', root: 'root-token', ...tokens } };
}

/** An admin's token for one lab; a member's of a team, and one of hers that is for another lab only. */
async function addPeople({ writer: { store } }: Server): Promise<Record<'kim' | 'narrow' | 'part', string>> {
  const rootId = await addFirstAdmin(store, { login: 'boss', password: 'none' }, START);
  const kim = await saveAccount(
    store,
    ROOT,
    { login: 'kim', name: 'zzkim-account', teams: [{ team: 'kernel', role: 'viewer' }] },
    START,
  );
  const tokenOf = async (accountId: number, login: string, sources: string[] | null) => {
    const { secret, hash, hint } = createSecret('token');
    const credential: Person['credential'] = { kind: 'session', id: '' };
    const owner: Viewer = { kind: 'person', login, teams: [], role: 'viewer', accountId, credential };
    const token = { hash, hint, name: `zz${login}-token`, scopes: ['read' as const], sources };
    await createToken(store, owner, { ...token, expiresAt: NOW + 24 * HOUR }, START);
    return secret;
  };
  return {
    kim: await tokenOf(kim.id, 'kim', null),
    narrow: await tokenOf(kim.id, 'kim', [slugOf('inside')]),
    part: await tokenOf(rootId, 'boss', [slugOf('open')]),
  };
}

async function stateOf({ writer }: Server, layer: Layer) {
  const state = await getSyncState(writer, slugOf(layer));
  if (!state) throw new Error(`there is no ${slugOf(layer)}`);
  return state;
}

async function addFleet(server: Server, lab: Lab, layers: readonly Layer[]): Promise<void> {
  const { writer } = server;
  const { id } = await stateOf(server, lab);
  const worker = markOf(lab, 'worker');
  const ofLab = layers.filter((layer) => labOf(layer) === lab);
  const type = { aliases: [], architecture: 'arm64', processor: null, cpuModel: null, coreCount: 4 };
  await writer.transaction(() =>
    writeFleet(
      writer,
      id,
      {
        workers: [
          {
            ...{ hostname: worker, state: 'Online', health: 'Active', description: markOf(lab, 'workerdescription') },
            ...{ version: '2026.1', jobLimit: 0, lastPingAt: START },
          },
        ],
        deviceTypes: [
          { name: 'qemu', description: null, ...type },
          ...ofLab.map((layer) => ({ name: markOf(layer, 'type'), description: null, ...type })),
        ],
        devices: ofLab.map((layer) => ({
          ...{ hostname: markOf(layer, 'device'), deviceType: 'qemu', worker, state: 'Idle', health: 'Good' },
          ...{ description: markOf(layer, 'devicetext'), deviceVersion: null, tags: [markOf(layer, 'devicetag')] },
          isPublic: layer === lab,
        })),
        queue: new Map([['qemu', 3]]),
        rejected: [],
      },
      START,
    ),
  );
}

const suiteOf = (externalId: number, name: string, results: Record<string, 'PASS' | 'FAIL'>): SuiteRecord => ({
  ...{ externalId, name, isSteps: name === 'lava' },
  cases: Object.entries(results).map(([test, result], i) => ({
    ...caseOf({ externalId: externalId * 10 + i, name: test, result, measurement: '1.5000000000', unit: 'seconds' }),
    ...{ startLogLine: 1, endLogLine: 2, metadata: `case: ${test}\nresult: ${result.toLowerCase()}\n` },
  })),
});

const logOf = (lines: readonly string[]) =>
  Buffer.from(
    lines.map((msg) => `- {"dt": "2026-05-28T20:30:00", "lvl": "target", "msg": ${JSON.stringify(msg)}}\n`).join(''),
  );

type Plan = { job: Partial<JobRecord>; suites: SuiteRecord[]; log?: string[] };
const build = (version: string) => ({ 'git-tree': 'mainline', 'git-describe': version, 'git-branch': 'master' });
const slow = {
  health: 'INCOMPLETE' as const,
  errorType: 'Job',
  errorMessage: 'login-action timed out after 9 seconds',
};

/** Of each layer: a build that passes, one that fails, two failures, a job that runs. */
const JOBS: readonly ((layer: Layer, number: number) => Plan)[] = [
  (layer, n) => ({
    job: { metadata: { ...build('v1'), [markOf(layer, 'key')]: markOf(layer, 'value') } },
    suites: [suiteOf(n, '0_smoke', { boot: 'PASS', [markOf(layer, 'test')]: 'PASS', left: 'FAIL' })],
  }),
  (layer, n) => ({
    job: { metadata: build('v2') },
    suites: [
      suiteOf(n, '0_smoke', { boot: 'FAIL', [markOf(layer, 'test')]: 'FAIL' }),
      suiteOf(n + 10, `1_${markOf(layer, 'suite')}`, { boot: 'FAIL', [markOf(layer, 'other')]: 'PASS' }),
    ],
  }),
  (layer, n) => ({
    job: { ...slow, metadata: build('v2'), failureComment: markOf(layer, 'comment'), plannedSuites: ['smoke', 'net'] },
    suites: [suiteOf(n, 'lava', { 'login-action': 'FAIL' })],
    log: ['booting', ...OOPS, markOf(layer, 'log')],
  }),
  (layer, n) => ({
    job: {
      ...{ health: 'INCOMPLETE', errorType: 'Job', errorMessage: `${markOf(layer, 'error')} is broken` },
      ...{ deviceType: markOf(layer, 'type') },
      metadata: {
        ...{ 'git-tree': markOf(layer, 'project'), 'git-describe': markOf(layer, 'version') },
        ...{ 'git-branch': markOf(layer, 'branch'), 'git-commit': markOf(layer, 'commit') },
      },
    },
    suites: [suiteOf(n, '0_smoke', { boot: 'FAIL' })],
    log: [`error: ${markOf(layer, 'log')}`],
  }),
  () => ({ job: { state: 'RUNNING', health: 'UNKNOWN', endAt: null, metadata: build('v2') }, suites: [] }),
];

/** Between the jobs of every layer lie those of the others. */
async function addOne(server: Server, layer: Layer, kind: number): Promise<void> {
  const { writer } = server;
  const number = numberOf(layer, kind);
  const plan = JOBS[kind]?.(layer, Number(number));
  if (!plan) throw new Error(`there is no job ${kind}`);
  const submitAt = START + kind * HOUR + LAYERS.indexOf(layer) * MINUTE;
  const change = changeOf(
    jobOf({
      ...{ externalId: number, url: `http://master.example/${markOf(layer, 'url')}`, submitAt },
      ...{ startAt: submitAt + 10 * MINUTE, endAt: submitAt + 20 * MINUTE },
      ...{ isPublic: layer === labOf(layer), device: markOf(layer, 'device'), tags: [markOf(layer, 'tag')] },
      ...{ description: `a ${markOf(layer, 'description')}`, submitter: markOf(layer, 'submitter') },
      ...{ definition: `job_name: ${markOf(layer, 'definition')}\n` },
      ...{ multinodeGroup: markOf(layer, 'group'), role: markOf(layer, 'role') },
      ...plan.job,
    }),
    plan.suites,
  );
  if (plan.log && change.results) change.results.log = { bytes: [logOf(plan.log)], truncated: false };
  await write(writer, slugOf(layer), change, submitAt + 30 * MINUTE);
  if (change.job.state === 'RUNNING') await follow(server, layer, change.job);
}

/** Of each layer a job that is hidden, where it was not, and one that retention deletes. */
async function addGone(server: Server, layer: Layer): Promise<void> {
  const { writer } = server;
  const state = await stateOf(server, layer);
  const at = START + 20 * HOUR + LAYERS.indexOf(layer) * MINUTE;
  for (const kind of [5, 6]) {
    const submitAt = kind === 6 ? START - 400 * 24 * HOUR : START;
    const job = jobOf({
      ...{ externalId: numberOf(layer, kind), device: null, metadata: {}, submitAt, startAt: null, endAt: null },
      isPublic: layer === labOf(layer),
    });
    await write(writer, slugOf(layer), changeOf(job, []), at);
  }
  await writer.transaction(() => hideJob(writer, state, numberOf(layer, 5), at + 1));
  await retire(writer, state.id, { rollups: 365 }, () => at + 2);
}

async function jobIdOf({ store }: Server, layer: Layer, kind: number): Promise<number> {
  const found = await getJob(store, { kind: 'everything' }, slugOf(layer), numberOf(layer, kind));
  if (!found) throw new Error(`there is no job ${kind} of ${layer}`);
  return found.id;
}

async function follow(server: Server, layer: Layer, job: JobRecord): Promise<void> {
  const { writer } = server;
  const jobId = await jobIdOf(server, layer, 4);
  await watchJob(writer.store, jobId, NOW);
  const source = await stateOf(server, layer);
  const watched = { jobId, externalId: job.externalId, submitAt: job.submitAt, watchedAt: NOW, source };
  const told = { status: 'FOLLOWED' as const, reason: null };
  await saveTail(writer, watched, { job, lines: logOf([markOf(layer, 'tail')]), lineCount: 0, told }, NOW);
}

async function addRemarks(server: Server, layer: Layer): Promise<void> {
  const { store } = server.writer;
  const at = START + 24 * HOUR;
  await addNote(store, ROOT, { jobId: await jobIdOf(server, layer, 0), caseId: null, text: markOf(layer, 'note') }, at);
  const left = Number(numberOf(layer, 0)) * 10 + 2;
  await omitResults(store, ROOT, await jobIdOf(server, layer, 0), [left], markOf(layer, 'reason'), at);
  const submitter = { kind: 'SUBMITTER' as const, source: slugOf(layer), name: markOf(layer, 'submitter') };
  await addAlias(store, ROOT, { ...submitter, alias: markOf(layer, 'alias') }, at);
  const groups = await listFailureGroups(
    store,
    ROOT,
    { scope: {}, minCount: 1 },
    { limit: 50, after: null, before: null, backward: false },
  );
  const own = groups.rows.filter(({ title }) => title.includes(markOf(layer, 'error'))).map((one) => one.fingerprint);
  const comment = markOf(layer, 'triage');
  await setTriage(store, ROOT, own, { state: 'BUG', knownIssueId: null, comment }, at);
  // An issue is told to who sees its source: there is none for private jobs alone.
  if (layer !== labOf(layer)) return;
  const issue = { title: markOf(layer, 'issue'), source: slugOf(layer), errorPattern: 'timed out' };
  await saveKnownIssue(store, ROOT, null, issueOf(issue), at);
}

/** A sync that failed, and what could not be read: of an open lab for everybody, of what for admins. */
async function addTrouble(server: Server, layer: Layer): Promise<void> {
  const { writer } = server;
  const { id } = await stateOf(server, layer);
  const at = START + 25 * HOUR;
  if (layer !== labOf(layer)) {
    const letter = { stage: 'job' as const, externalId: numberOf(layer, 0), path: markOf(layer, 'path') };
    const rejected = [{ ...letter, reason: markOf(layer, 'why'), raw: markOf(layer, 'raw') }];
    return writer.transaction(() => quarantine(writer, id, rejected, at));
  }
  const run = await startRun(writer, id, 'SCHEDULE', at);
  const end = {
    ...{ requests: 7, bytes: 700, jobsRead: 7, jobsWritten: 7, publicRead: 1, publicWritten: 1, rejected: 0 },
    ...{ usage: { usedLastMinute: 1, p95Ms: null, slowdown: null }, error: null },
    ...{ state: 'succeeded' as const, isWhole: true, upTo: at },
  };
  await endRun(writer, id, run, end, at);
}
