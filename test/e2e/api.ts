/** What the tests know about the demo, they ask its API. */

export async function ask<Result>(baseUrl: string, query: string, variables: object = {}): Promise<Result> {
  const response = await fetch(`${baseUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors }: { data: Result; errors?: { message: string }[] } = JSON.parse(await response.text());
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data;
}

export type JobRef = { externalId: string; source: { slug: string } };

export const jobPath = ({ source, externalId }: JobRef) => `/jobs/${source.slug}/${externalId}`;

const jobName = ({ source, externalId }: JobRef) => `${source.slug}/${externalId}`;

function one<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first === undefined) throw new Error(`the demo has no ${what}`);
  return first;
}

type Nodes<T> = { nodes: T[] };
type Found = {
  failing: Nodes<JobRef>;
  infra: Nodes<JobRef>;
  sources: Nodes<{ slug: string }>;
  failureGroups: Nodes<{ fingerprint: string }>;
  devices: Nodes<{ hostname: string; source: { slug: string } }>;
  projects: Nodes<{ slug: string; builds: Nodes<{ version: string }>; suites: Nodes<{ name: string }> }>;
  measured: Nodes<{ name: string; suite: string }>;
  knownIssues: Nodes<{ number: number }>;
};

const REF = 'nodes { externalId source { slug } }';

/** One address of every page, by name. */
export async function pagesOf(baseUrl: string): Promise<Record<string, string>> {
  const found = await ask<Found>(
    baseUrl,
    `{ failing: jobs(first: 1, filter: { hasFailures: true }) { ${REF} }
       infra: jobs(first: 1, filter: { failureClass: [INFRASTRUCTURE] }) { ${REF} }
       failureGroups(first: 1) { nodes { fingerprint } }
       knownIssues(first: 1) { nodes { number } }
       sources { nodes { slug } }
       devices(first: 1, filter: { health: ["Bad"] }) { nodes { hostname source { slug } } }
       projects(first: 1) { nodes { slug builds(first: 1) { nodes { version } } suites(first: 1, name: "ltp") { nodes { name } } } }
       measured: testCases(first: 1, filter: { suite: "lmbench" }) { nodes { name suite } } }`,
  );
  const failing = one(found.failing.nodes, 'job with failing cases');
  const infra = one(found.infra.nodes, 'infrastructure failure');
  const device = one(found.devices.nodes, 'Bad device');
  const project = one(found.projects.nodes, 'project');
  const suite = one(project.suites.nodes, 'suite');
  const measured = one(found.measured.nodes, 'measurement');
  const lab = one(found.sources.nodes, 'lab');
  const build = one(project.builds.nodes, 'build');
  return {
    home: '/',
    jobs: '/jobs',
    'a job with failing cases': jobPath(failing),
    'a job that the lab failed': jobPath(infra),
    builds: '/builds',
    'builds of a project': `/builds?project=${encodeURIComponent(project.slug)}`,
    'a build': `/builds/${encodeURIComponent(project.slug)}/${encodeURIComponent(build.version)}`,
    failures: '/failures?since=2020-01-01',
    triage: '/triage?since=2020-01-01',
    'a failure': `/failures/${encodeURIComponent(one(found.failureGroups.nodes, 'failure group').fingerprint)}`,
    'known issues': '/issues',
    'a known issue': `/issues/${one(found.knownIssues.nodes, 'known issue').number}`,
    'a new issue': '/issues/new',
    compare: '/compare',
    'two builds': `/compare?project=${encodeURIComponent(project.slug)}`,
    'many sides': `/compare?project=${encodeURIComponent(project.slug)}${found.sources.nodes.map(({ slug }) => `&lab=${slug}`).join('')}`,
    'lab agreement': `/compare/labs?project=${encodeURIComponent(project.slug)}`,
    periods: `/compare/periods?project=${encodeURIComponent(project.slug)}&show=all`,
    'two jobs': `/compare/jobs?${new URLSearchParams({ base: jobName(failing), target: jobName(infra) })}`,
    tests: '/tests',
    'tests of a project': `/tests?project=${encodeURIComponent(project.slug)}`,
    'a suite’s history': `/tests/${encodeURIComponent(project.slug)}/${encodeURIComponent(suite.name)}`,
    'a test’s history': `/tests/${encodeURIComponent(project.slug)}/${encodeURIComponent(measured.suite)}?test=${encodeURIComponent(measured.name)}`,
    'flaky tests': '/flaky?days=90',
    labs: '/labs',
    'a lab': `/labs/${lab.slug}`,
    'a lab’s sync': `/labs/${lab.slug}/sync?span=7d&runs=all`,
    'results of a build': `/results?${new URLSearchParams({ project: project.slug, build: build.version, checks: '1' })}`,
    search: '/search?q=boot',
    devices: '/devices',
    'a device': `/devices/${device.source.slug}/${encodeURIComponent(device.hostname)}`,
  };
}
