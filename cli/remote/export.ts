/** `basalt export --since`: results of a Basalt, jobs in the order in which they changed or went, appended to a file. */
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';
import { openGrowing } from './growing-file.ts';
import { ask, dataOf, type Server, serverOf, wordsOf } from './server.ts';

export type SinceOptions = { since?: string; url?: string; output?: string; format?: string };

const JOBS = 50;
const FIRST_CASES = 100;
const MORE_CASES = 5000;
const LAST = '@last';

const CASES = `nodes { externalId suite set name occurrence result measurement units startLogLine endLogLine loggedAt }
  pageInfo { hasNextPage endCursor }`;
const PAGE = `query ($after: String, $since: DateTime, $scope: ScopeInput!, $project: String, $result: [TestResult!]) {
  jobChanges(first: ${JOBS}, after: $after,
    filter: { state: [FINISHED], updatedSince: $since, scope: $scope, project: $project }) {
    nodes { at removed { source { slug } externalId epoch } job {
      id source { slug } externalId epoch submitTime health failureClass deviceType { name } device { hostname }
      build { version project { slug } } provenance { lastVerifiedAt } removed { resultsAt }
      testCases(first: ${FIRST_CASES}, result: $result) { ${CASES} }
    } }
    pageInfo { hasNextPage endCursor } } }`;
const MORE = `query ($id: ID!, $after: String, $result: [TestResult!]) { node(id: $id) { ... on Job {
  testCases(first: ${MORE_CASES}, after: $after, result: $result) { ${CASES} } } } }`;
const COVERAGE = 'query ($scope: ScopeInput) { coverage(scope: $scope) { complete asOf } }';

type Info = { hasNextPage: boolean; endCursor: string | null };
type Cases = { nodes: { result: string; [column: string]: unknown }[]; pageInfo: Info };
type Job = {
  id: string;
  source: { slug: string };
  externalId: string;
  epoch: number;
  submitTime: string | null;
  health: string;
  failureClass: string;
  deviceType: { name: string } | null;
  device: { hostname: string } | null;
  build: { version: string; project: { slug: string } } | null;
  provenance: { lastVerifiedAt: string };
  removed: { resultsAt: string | null };
  testCases: Cases;
};
type Gone = Pick<Job, 'source' | 'externalId' | 'epoch'>;
type Changes = { nodes: { at: string; job: Job | null; removed: Gone | null }[]; pageInfo: Info };
type Wanted = {
  project: string | null;
  scope: { sources?: string[]; includeHealthChecks: boolean };
  result: string[] | null;
};

/** Goes on where the file ends; a page of jobs is there whole or not at all. @throws CommandFailure */
export async function exportSince(
  env: NodeJS.ProcessEnv,
  { since = LAST, url, output, format }: SinceOptions,
  filter: readonly string[],
): Promise<number> {
  if (output === undefined) throw new CommandFailure(EXIT.usage, '--since appends to a file: name it with -o FILE');
  if (format !== undefined && format !== 'ndjson') throw new CommandFailure(EXIT.usage, '--since writes ndjson only');
  const wanted = wantedOf(filter);
  const server = serverOf(env, url);
  const file = openGrowing(output, [server.url.href, ...[...filter].sort()].join(' '), instantOf(since));
  const told = { results: 0, jobs: 0, gone: 0 };
  try {
    let more = true;
    while (more) {
      const { cursor, since: begin } = file.place;
      const { nodes, pageInfo } = await changesOf(server, { ...wanted, after: cursor, since: begin }, output);
      for (const { at, job, removed } of nodes) {
        if (removed) {
          file.append(removalOf(removed, at));
          told.gone += 1;
        }
        if (!job || job.removed.resultsAt !== null) continue;
        told.jobs += 1;
        for await (const cases of casesOf(server, job, wanted)) {
          file.append(linesOf(job, cases.nodes));
          told.results += cases.nodes.length;
        }
      }
      file.commit(pageInfo.endCursor ?? cursor);
      more = pageInfo.hasNextPage;
    }
  } finally {
    file.close();
  }
  const { coverage } = await dataOf<{ coverage: { complete: boolean; asOf: string } }>(server, COVERAGE, {
    scope: wanted.scope,
  });
  process.stderr.write(
    `${told.results} results of ${told.jobs} jobs that are new or have changed; ${told.gone} jobs are gone; of the last minute: next time\n`,
  );
  if (!coverage.complete) process.stderr.write(`coverage is incomplete as of ${coverage.asOf}\n`);
  return EXIT.ok;
}

async function changesOf(server: Server, variables: Record<string, unknown>, output: string): Promise<Changes> {
  const answer = await ask<{ jobChanges: Changes }>(server, PAGE, variables);
  if (answer.errors?.some(({ extensions }) => extensions?.code === 'CURSOR_TOO_OLD'))
    throw new CommandFailure(EXIT.findings, `${wordsOf(answer)}\n${output} cannot go on: name another file`);
  if (answer.errors || !answer.data) throw new CommandFailure(EXIT.findings, wordsOf(answer));
  return answer.data.jobChanges;
}

async function* casesOf(server: Server, job: Job, { result }: Wanted): AsyncGenerator<Cases> {
  let cases = job.testCases;
  yield cases;
  while (cases.pageInfo.hasNextPage) {
    const variables = { id: job.id, after: cases.pageInfo.endCursor, result };
    const { node }: { node: { testCases: Cases } | null } = await dataOf(server, MORE, variables);
    // A job that is gone by now has no more.
    if (!node) return;
    cases = node.testCases;
    yield cases;
  }
}

/** Whatever was told of it before is void. */
function removalOf({ source, externalId, epoch }: Gone, at: string): string {
  return `${JSON.stringify({ removed: { source: source.slug, job: externalId, epoch, changedAt: at } })}\n`;
}

/** Of a job without results one line says that there are none: what was told of it before is void. */
function linesOf(job: Job, cases: Cases['nodes']): string {
  const head = {
    source: job.source.slug,
    job: job.externalId,
    epoch: job.epoch,
    changedAt: job.provenance.lastVerifiedAt,
    submitTime: job.submitTime,
    health: job.health,
    failureClass: job.failureClass,
    deviceType: job.deviceType?.name ?? null,
    device: job.device?.hostname ?? null,
    project: job.build?.project.slug ?? null,
    build: job.build?.version ?? null,
  };
  const rows = cases.length > 0 ? cases : [{ result: null }];
  return rows.map((row) => `${JSON.stringify({ ...head, ...row })}\n`).join('');
}

function wantedOf(filter: readonly string[]): Wanted {
  const values = (name: string) =>
    filter.flatMap((term) => (term.startsWith(`${name}=`) ? [term.slice(name.length + 1)] : []));
  const strange = filter.find((term) => !/^(source|result|project)=.|^healthChecks=true$/.test(term));
  if (strange !== undefined)
    throw new CommandFailure(
      EXIT.usage,
      `"${strange}": --since knows source=SLUG, project=SLUG, result=RESULT and healthChecks=true`,
    );
  const [sources, result, projects] = [values('source'), values('result'), values('project')];
  if (projects.length > 1) throw new CommandFailure(EXIT.usage, '--since takes one project: write a file for each');
  return {
    project: projects[0] ?? null,
    scope: { ...(sources.length > 0 ? { sources } : {}), includeHealthChecks: filter.includes('healthChecks=true') },
    result: result.length > 0 ? result : null,
  };
}

/** Null: from where the file ends, or the very beginning. */
function instantOf(since: string): string | null {
  if (since === LAST) return null;
  if (!/^\d{4}-\d\d-\d\d/.test(since) || Number.isNaN(Date.parse(since)))
    throw new CommandFailure(
      EXIT.usage,
      `--since ${since}: write ${LAST}, a day (2026-11-25) or an instant (RFC 3339)`,
    );
  return new Date(since).toISOString();
}
