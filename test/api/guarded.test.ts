/** Every question there is, asked by each kind of viewer: names of what is hidden are in no answer, and what is hidden changes no byte of one. */
import { expect, inject, test } from 'vitest';
import { fromNodeId } from '#api/node-id.ts';
import { toInstant } from '#api/scalars.ts';
import { glanceOf, nodeQueriesOf, queriesOf, SCHEMA, valuesOf } from './crawl.ts';
import {
  type GuardedWorld,
  guardedWorld,
  LABS,
  LAYERS,
  type Layer,
  markOf,
  marksIn,
  NOW,
  numberOf,
  slugOf,
} from './guarded-world.ts';

const text = (value: unknown) => JSON.stringify(value);
const each = (ask: (layer: Layer) => string): string[] => LAYERS.map(ask);
const hidden: Layer[] = ['kernel', 'openhushed'];
const scopes = ['', ...hidden.map((layer) => `scope: {sources: [${text(slugOf(layer))}]}`)];
const page = (...rest: string[]) => ['first: 30', ...rest.filter(Boolean)].join(', ');
const jobRef = (layer: Layer, kind: number) =>
  `{source: ${text(slugOf(layer))}, externalId: ${text(numberOf(layer, kind))}}`;
const months = [-720, -24, 0].map((hours) => text(toInstant(NOW + hours * 3_600_000_000)));

/** What each field of Query is asked with; one that is missing here fails. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  meta: [''],
  viewer: [''],
  rateLimit: [''],
  coverage: ['', ...hidden.map((layer) => `scope: {sources: [${text(slugOf(layer))}]}`)],
  source: LABS.map((lab) => `slug: ${text(slugOf(lab))}`),
  sources: [page()],
  workers: scopes.map((scope) => page(scope && `filter: {${scope}}`)),
  device: each((layer) => `source: ${text(slugOf(layer))}, hostname: ${text(markOf(layer, 'device'))}`),
  devices: [page(), ...hidden.map((layer) => page(`filter: {tag: ${text(markOf(layer, 'devicetag'))}}`))],
  deviceTypes: scopes.map((scope) => page(scope)),
  job: LAYERS.flatMap((layer) => [0, 2, 3, 4].map((kind) => jobRef(layer, kind).slice(1, -1))),
  removedJob: each((layer) => jobRef(layer, 0).slice(1, -1)),
  jobs: [
    page(),
    ...hidden.flatMap((layer) => [
      page(`filter: {submitter: [${text(markOf(layer, 'submitter'))}]}`),
      page(`filter: {description: ${text(markOf(layer, 'description'))}}`),
      page(`filter: {project: "mainline", suite: ${text(markOf(layer, 'suite'))}}`),
    ]),
  ],
  jobChanges: [
    page(),
    page(`filter: {updatedSince: ${months[0]}, scope: {includeHealthChecks: true}}`),
    ...hidden.map((layer) => page(`filter: {updatedSince: ${months[0]}, scope: {sources: [${text(slugOf(layer))}]}}`)),
  ],
  testCases: [page('filter: {}'), ...hidden.map((layer) => page(`filter: {name: ${text(markOf(layer, 'test'))}}`))],
  project: ['slug: "mainline"', ...each((layer) => `slug: ${text(markOf(layer, 'project'))}`)],
  projects: [page()],
  build: [
    'project: "mainline", version: "v2"',
    ...each((layer) => `project: ${text(markOf(layer, 'project'))}, version: ${text(markOf(layer, 'version'))}`),
  ],
  accounts: [page()],
  account: ['login: "kim"'],
  accessTokens: [page()],
  feedSubscriptions: [page()],
  auditLog: [page()],
  compareJobs: [...hidden, 'open' as const].map((layer) => `base: ${jobRef('open', 0)}, target: ${jobRef(layer, 1)}`),
  compareLogs: [...hidden, 'open' as const].map((layer) => `base: ${jobRef('open', 2)}, target: ${jobRef(layer, 2)}`),
  compare: [
    'project: "mainline", base: {previous: true}, target: {version: "v2"}, transitions: [PASS_TO_FAIL, FAIL_TO_PASS, STILL_FAILING, NEW_FAIL, NEW_PASS, MISSING, SKIP_CHANGE]',
  ],
  compareMany: [
    'project: "mainline", sides: [{version: "v1"}, {version: "v2"}]',
    ...hidden.map(
      (layer) => `project: "mainline", sides: [{version: "v2"}, {version: "v2", source: ${text(slugOf(layer))}}]`,
    ),
  ],
  comparePeriods: [`periods: [{since: ${months[0]}, until: ${months[1]}}, {since: ${months[1]}, until: ${months[2]}}]`],
  failureGroups: [page(), page('orderBy: IMPACT, filter: {triaged: true}')],
  flakyTests: ['SERIES', 'SOURCE'].map((by) => page(`by: ${by}`)),
  historyGrid: ['project: "mainline", suite: "smoke", first: 30'],
  knownIssues: [page()],
  knownIssue: LABS.map((_, i) => `number: ${i + 1}`),
  tryKnownIssue: ['rule: {errorPattern: "timed out"}'],
  labAgreement: ['project: "mainline", version: "v2", quorum: 1'],
  mappingRules: [''],
  tryMapping: ['input: {rules: []}'],
  nameAliases: [''],
  tryAlias: ['input: {kind: DEVICE_TYPE, name: "qemu", alias: "emulator"}'],
  regressions: [
    page(`filter: {since: ${months[0]}, status: [EXTREME_REGRESSION, SIGNIFICANT_REGRESSION, NOT_SIGNIFICANT]}`),
  ],
  search: ['zz', 'boot', markOf('openhushed', 'project'), numberOf('kernel', 0)].map((it) => page(`text: ${text(it)}`)),
  stats: ['SOURCE', 'DEVICE_TYPE', 'DEVICE', 'WORKER', 'SUITE', 'PROJECT', 'SUBMITTER', 'FAILURE_CLASS', 'LABEL'].map(
    (by) => `metric: RESULTS, groupBy: [${by}], interval: DAY`,
  ),
  testHistory: [
    'project: "mainline", suite: "smoke", name: "boot"',
    ...hidden.map((layer) => `project: "mainline", suite: "smoke", name: ${text(markOf(layer, 'test'))}`),
  ],
};
/** By what the others tell. */
const BY_ANSWERS = ['node', 'nodes', 'failureGroup', 'groupSplits', 'trySplit', 'feedSubscription'];

const EXPORTS = ['csv', 'ndjson', 'junit'].flatMap((format) =>
  [
    '?project=mainline&build=v2',
    ...hidden.flatMap((layer) => [
      `?source=${slugOf(layer)}&project=mainline&build=v2`,
      `?source=${slugOf(layer)}&job=${numberOf(layer, 1)}`,
      `?submitter=${markOf(layer, 'submitter')}`,
    ]),
  ].map((query) => `/export/results.${format}${query}`),
);
const FEEDS = ['atom', 'json'].flatMap((ending) => [
  ...['mainline', markOf('openhushed', 'project')].map((project) => `/feed/builds.${ending}?project=${project}`),
  ...['failures', 'regressions'].map((name) => `/feed/${name}.${ending}`),
]);
const BADGES = [
  '/badge/build/mainline/v2.json',
  `/badge/build/${markOf('openhushed', 'project')}/${markOf('openhushed', 'version')}.json`,
  ...LABS.map((lab) => `/badge/lab/${slugOf(lab)}.json`),
];
const ADDRESSES = [...EXPORTS, ...FEEDS, ...BADGES];

/** Questions that find everything there is, as an admin. */
async function questionsFor(world: GuardedWorld): Promise<string[]> {
  // What has an id is asked for everything by that: here it is enough to see what is found.
  const asked = Object.entries(ARGUMENTS).flatMap(([name, [first = '', ...others]]) => [
    ...queriesOf(name, first),
    ...others.flatMap((args) => glanceOf(name, args) ?? queriesOf(name, args)),
  ]);
  const found = [...(await crawl(world, 'root', asked)).values()].join('\n');
  for (const fingerprint of new Set(valuesOf(found, 'fingerprint')))
    asked.push(
      ...queriesOf('failureGroup', `fingerprint: ${text(fingerprint)}`),
      ...queriesOf('groupSplits', `fingerprint: ${text(fingerprint)}`),
      ...queriesOf('trySplit', `input: {fingerprint: ${text(fingerprint)}, by: SOURCE}`),
    );
  const ids = Map.groupBy(new Set(valuesOf(found, 'id')), (id) => fromNodeId(id)?.kind);
  for (const [kind, all] of ids) {
    const size = kind === 'Regression' ? 5 : 10;
    for (let i = 0; i < all.length; i += size) if (kind) asked.push(...nodeQueriesOf(all.slice(i, i + size)));
  }
  const cursors = [...new Set(valuesOf(found, 'cursor'))];
  for (const list of ['jobs', 'failureGroups'])
    for (const cursor of cursors.slice(0, 8))
      asked.push(`{ ${list}(first: 2, after: ${text(cursor)}) { edges { cursor } pageInfo { hasNextPage } } }`);
  return asked;
}

/** Answers by question, with what of the head is not by chance. */
async function crawl(world: GuardedWorld, who: string, asked: readonly string[]): Promise<Map<string, string>> {
  const token = world.tokens[who];
  const answers = new Map<string, string>();
  for (const query of asked) answers.set(query, text(await world.ask(query, { token })));
  for (const address of [...ADDRESSES, '/metrics']) {
    const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(`${world.url}${address}`, { headers });
    const head = [...response.headers].filter(
      ([name]) => !['date', 'x-request-id', 'content-length', 'etag'].includes(name),
    );
    const body = (await response.text()).replaceAll(world.url, '');
    const stable = address === '/metrics' ? body.split('\n').filter((line) => line.startsWith('basalt_')) : body;
    answers.set(address, text([response.status, head, stable]));
  }
  return answers;
}

/** Kinds of names that each layer has, that a lab has, and that are told to admins alone. */
const OF_LAYER =
  'alias branch comment commit definition description device devicetag devicetext error group key log note other project reason role submitter suite tag tail test triage type url value version';
const OF_LAB = 'issue lab label name worker workerdescription';
const OF_ADMINS = 'path raw why';

function marksOf(layers: readonly Layer[]): string[] {
  return layers.flatMap((layer) => {
    const more = layer.endsWith('hushed') ? OF_ADMINS : OF_LAB;
    return `${OF_LAYER} ${more}`.split(' ').map((kind) => `${layer} ${kind}`);
  });
}

/** On PostgreSQL, where every question takes longer, those that differ the most. */
const isAsked = ({ who }: Seen) => !inject('postgres') || who === 'anonymous' || who === 'root';
/** Who sees the least, and who sees every lab and no private job. */
const COMPARED = ['anonymous', 'kim'];

type Seen = { who: string; layers: readonly Layer[]; own?: readonly string[] };
const SEEN_BY: readonly Seen[] = [
  { who: 'anonymous', layers: ['open'] },
  { who: 'ann', layers: ['open', 'inside'] },
  { who: 'kim', layers: ['open', 'inside', 'kernel'], own: ['kim account', 'kim token'] },
  { who: 'narrow', layers: ['inside'], own: ['kim account', 'kim token'] },
  { who: 'part', layers: ['open', 'openhushed'], own: ['boss token'] },
  { who: 'root', layers: LAYERS, own: ['kim account', 'kim token', 'boss token'] },
];

/** What answers tell, without what was said in the question itself. */
function told(answers: ReadonlyMap<string, string>): Set<string> {
  const all = new Set<string>();
  for (const [question, answer] of answers) {
    const said = marksIn(question);
    for (const mark of marksIn(answer)) if (!said.has(mark)) all.add(mark);
  }
  return all;
}

/** Where two answers differ, with some of what is around it. */
function differencesOf(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...a].flatMap(([question, one]) => {
    const [x, y] = [one, b.get(question) ?? ''].map((answer) => answer.replace(SEALED, '"$1":"…"')) as [string, string];
    if (x === y || ELSEWHERE.test(question)) return [];
    const at = [...x].findIndex((letter, i) => letter !== y[i]);
    return [
      `${question.slice(0, 150)}\n  ${x.slice(Math.max(0, at - 150), at + 50)}\n  ${y.slice(Math.max(0, at - 150), at + 50)}`,
    ];
  });
}
/** What is sealed in it may differ, and is not told: see cursor-seal.test.ts. */
const SEALED = /"(cursor|startCursor|endCursor)":"[\w-]+"/g;
/** Accounts and access tokens are none of a lab's; a cursor is one of its own world. */
const ELSEWHERE = /^\{ (viewer|account)\b|after: "/;

test('each field of Query is asked', () => {
  expect([...Object.keys(ARGUMENTS), ...BY_ANSWERS].sort()).toEqual(
    Object.keys(SCHEMA.getQueryType()?.getFields() ?? {}).sort(),
  );
});

test('S-01, S-02, S-03, S-08, S-10: each viewer is told what he may see, and not a byte changes by what he may not', {
  timeout: 300_000,
}, async () => {
  const world = await guardedWorld();
  const asked = await questionsFor(world);

  for (const { who, layers, own = [] } of SEEN_BY.filter(isAsked)) {
    const answers = await crawl(world, who, asked);
    const all = new Set([...marksOf(layers), ...own]);
    expect
      .soft(
        [...told(answers)].filter((mark) => !all.has(mark)),
        `${who} may not see`,
      )
      .toEqual([]);
    expect
      .soft(
        [...all].filter((mark) => !told(answers).has(mark)),
        `${who} may see`,
      )
      .toEqual([]);
    if (!COMPARED.includes(who)) continue;
    const without = await crawl(await guardedWorld(layers), who, asked);
    expect.soft(differencesOf(answers, without).slice(0, 10), who).toEqual([]);
  }
});
