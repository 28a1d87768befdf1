/** Addresses of pages. Names may hold any character, also a slash. */
const segments = (...parts: string[]) => parts.map(encodeURIComponent).join('/');

export const jobPath = (slug: string, externalId: string) => `/jobs/${segments(slug, externalId)}`;

/** Where forms that write or remove notes of a job are sent. */
export const notesPath = (slug: string, externalId: string) => `${jobPath(slug, externalId)}/notes`;

export const buildPath = (project: string, version: string) => `/builds/${segments(project, version)}`;

export const labPath = (slug: string) => `/labs/${segments(slug)}`;

export const syncPath = (slug: string, query: Query = {}) => withQuery(`${labPath(slug)}/sync`, query);

export const quarantinePath = (slug: string, query: Query = {}) => withQuery(`${labPath(slug)}/quarantine`, query);

export const NEW_LAB = '/labs/new';

/** Rules by which jobs belong to builds. */
export const MAPPING = '/mapping';

export const editLabPath = (slug: string) => `/labs/${segments(slug)}/edit`;

export const signInPath = (next: string) => `/sign-in?${new URLSearchParams({ next })}`;

/** Sends the browser to the OpenID provider. */
export const signInElsewherePath = (next: string) => `/sign-in/oidc?${new URLSearchParams({ next })}`;

export const devicePath = (slug: string, hostname: string) => `/devices/${segments(slug, hostname)}`;

export type Query = Record<string, string | readonly string[] | undefined>;

/** Device types and submitters that mean the same. */
export const namesPath = (query: Query = {}) => withQuery('/names', query);

export function withQuery(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) for (const one of [value ?? []].flat()) params.append(key, one);
  return params.size > 0 ? `${path}?${params}` : path;
}

/** The jobs page, filtered; the keys are those of its filter bar. */
export const jobsPath = (query: Query) => withQuery('/jobs', query);

/** A file of results; the keys are those of docs/operations/export.md. */
export const exportPath = (format: 'csv' | 'ndjson' | 'xml' | 'parquet', query: Query) =>
  withQuery(`/export/results.${format}`, query);

export type FeedName = 'builds' | 'failures' | 'regressions';

/** What is new on a page; the keys are those of docs/operations/feeds.md. */
export const feedPath = (name: FeedName, format: 'atom' | 'json', query: Query) =>
  withQuery(`/feed/${name}.${format}`, query);

export const buildBadgePath = (project: string, version: string) => `/badge/build/${segments(project, version)}.svg`;

/** Of the newest build, perhaps on a branch. */
export const latestBadgePath = (project: string, branch: string | undefined) =>
  withQuery(buildBadgePath(project, 'latest'), { branch });

export const labBadgePath = (slug: string) => `/badge/lab/${segments(slug)}.svg`;

/** Results of jobs, filtered; the keys are those of the jobs page, and result. */
export const resultsPath = (query: Query) => withQuery('/results', query);

export const devicesPath = (query: Query) => withQuery('/devices', query);

export const searchPath = (query: Query) => withQuery('/search', query);

/** A group of failures; the keys of the query are those of the failures page: lab, type, since. */
export const failurePath = (fingerprint: string, query: Query = {}) =>
  withQuery(`/failures/${segments(fingerprint)}`, query);

export const NEW_ISSUE = '/issues/new';

/** Its form, filled in for a failure and tried. */
export const newIssuePath = (of: { title: string; errorPattern: string | null; logPattern: string | null }) =>
  withQuery(NEW_ISSUE, {
    ...{ title: of.title, errorPattern: of.errorPattern ?? undefined, logPattern: of.logPattern ?? undefined },
    try: '1',
  });

export const issuesPath = (query: Query) => withQuery('/issues', query);

export const issuePath = (number: number, query: Query = {}) => withQuery(`/issues/${number}`, query);

/** A line of the log of a job, which works without script too. */
export const linePath = (slug: string, externalId: string, line: number) =>
  `${jobPath(slug, externalId)}?line=${line}#L${line}`;

export const buildsPath = (query: Query) => withQuery('/builds', query);

export const comparePath = (query: Query) => withQuery('/compare', query);

/** Do the labs agree on a build. */
export const agreementPath = (query: Query) => withQuery('/compare/labs', query);

/** Two jobs side by side, with their logs. */
export const compareJobsPath = (query: Query) => withQuery('/compare/jobs', query);
/** Spans of time side by side. */
export const periodsPath = (query: Query) => withQuery('/compare/periods', query);

export const testsPath = (query: Query = {}) => withQuery('/tests', query);

export const suitePath = (project: string, suite: string, query: Query = {}) =>
  withQuery(`/tests/${segments(project, suite)}`, query);

/** One test of a suite; without a set, the test in every set and in none. */
export const testPath = (project: string, suite: string, test: string, query: Query = {}) =>
  suitePath(project, suite, { test, ...query });

/** Leads on to the job with a test's result in a build; the keys are those of app/result/route.ts. */
export const resultPath = (query: Query) => withQuery('/result', query);

/** What people did; `target` names one thing. */
/** One's own account; what was just made there is said once. */
export const accountPath = (query: Query = {}) => withQuery('/account', query);

export const accountsPath = (query: Query = {}) => withQuery('/accounts', query);

export const auditLogPath = (query: Query = {}) => withQuery('/audit-log', query);

/** The form that subscribes to a feed; the keys are those of the feed. */
export const subscribePath = (feed: FeedName, query: Query) => withQuery('/subscribe', { feed, ...query });

export const saveSubscribePath = () => '/subscribe/save';

/** `id`: as the API names it. */
export const subscriptionPath = (id: string, query: Query = {}) =>
  withQuery(`/account/subscriptions/${segments(id)}`, query);

export const saveSubscriptionPath = () => '/account/subscriptions/save';
