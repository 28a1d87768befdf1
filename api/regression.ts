import { wilson } from '#analysis/wilson.ts';
import type { Viewer } from '#schema/viewer.ts';
import { InvalidInput } from '#store/error.ts';
import { listRegressions } from '#store/regression.ts';
import {
  BASELINE,
  type BaselinePolicy,
  type RegressionFilter,
  type RegressionRow,
  regressionKey,
} from '#store/regression-row.ts';
import type { Store } from '#store/store.ts';
import { type Connection, goingOnAt, readPage, toConnection } from './connection.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { BaselinePolicyInput, RegressionFilter as FilterInput, Resolvers } from './graphql/types.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

const DAY = 86_400;
const DEFAULT_DAYS = 7;
const MAX_DAYS = 366;
const LISTED = ['EXTREME_REGRESSION', 'SIGNIFICANT_REGRESSION'] as const;
const ALL = [...LISTED, 'NOT_SIGNIFICANT'] as const;

/** What decides whether one began at an instant: its id holds it. */
type Question = Pick<BaselinePolicy, 'baseDays'> & { includeHealthChecks: boolean; slugs: readonly string[] };

export type RegressionParent = RegressionRow & { question: Question };
export type RegressionList = Connection<RegressionParent, null> & {
  policy: BaselinePolicy;
  span: RegressionFilter['span'];
  truncated: boolean;
};

const LIMITS = {
  baseDays: [1, 90],
  minFails: [1, 100],
  pity: [0, 100],
  confidence: [50, 99.999],
} as const;

function readPolicy(given: BaselinePolicyInput | null | undefined): BaselinePolicy {
  const policy = {
    baseDays: given?.baseDays ?? BASELINE.baseDays,
    minFails: given?.minFails ?? BASELINE.minFails,
    pity: given?.pity ?? BASELINE.pity,
    confidence: given?.confidence ?? BASELINE.confidence,
  };
  for (const name of ['baseDays', 'minFails', 'pity', 'confidence'] as const) {
    const [least, most] = LIMITS[name];
    if (policy[name] < least || policy[name] > most)
      throw new InvalidInput(`"${name}" is ${policy[name]}: ask for ${least} to ${most}.`);
  }
  return policy;
}

/** @throws InvalidInput */
export function readFilter(given: FilterInput | null | undefined, now: number): RegressionFilter {
  const scope = toScope(given?.scope);
  const until = Math.ceil((given?.scope?.until ?? now) / 1_000_000);
  const since = given?.since ?? given?.scope?.since;
  const from = since == null ? until - DEFAULT_DAYS * DAY : Math.floor(since / 1_000_000);
  if (until - from > MAX_DAYS * DAY)
    throw new InvalidInput(
      `"since" is ${Math.floor((until - from) / DAY)} days before the end: ask for at most ${MAX_DAYS}.`,
    );
  const { project, branch, open, status } = given ?? {};
  return { project, branch, open, scope, span: { from, until }, until, statuses: status ?? LISTED };
}

/** The one that an id names: it began at an instant that the id holds. */
export async function getRegression(
  { store, viewer, now }: { store: Store; viewer: Viewer; now: () => number },
  [project, branch, second, suite, name, hasSet, set, deviceType, days, checks, ...slugs]: readonly (string | number)[],
): Promise<RegressionParent | null> {
  const at = Number(second);
  const question = { baseDays: Number(days), includeHealthChecks: checks === 1, slugs: slugs.map(String) };
  const filter = {
    project: String(project),
    branch: String(branch),
    scope: {
      sources: { slugs: slugs.length > 0 ? question.slugs : null },
      deviceTypes: [String(deviceType)],
      includeHealthChecks: question.includeHealthChecks,
    },
    span: { from: at, until: at + 1 },
    until: Math.ceil(now() / 1_000_000),
    statuses: ALL,
    test: { suite: String(suite), name: String(name), set: hasSet === 1 ? String(set) : null },
  };
  const page = { limit: 1, after: null, before: null, backward: false };
  const policy = { ...BASELINE, baseDays: question.baseDays };
  const { rows } = await listRegressions(store, viewer, filter, policy, page);
  const [row] = rows;
  return row ? { ...row, question } : null;
}

function keyOf({ question, ...row }: RegressionParent): (string | number)[] {
  const { project, branch, at, suite, name, set, deviceType } = row;
  const { baseDays, includeHealthChecks, slugs } = question;
  const test = [suite, name, set === null ? 0 : 1, set ?? '', deviceType];
  return [project, branch, at, ...test, baseDays, includeHealthChecks ? 1 : 0, ...slugs];
}

export const regression: Pick<Resolvers, 'Query' | 'Regression' | 'RegressionWindow' | 'RegressionConnection'> = {
  Query: {
    async regressions(_, { filter: given, policy: wanted, ...args }, { store, viewer, now }) {
      const policy = readPolicy(wanted);
      const filter = readFilter(given, now());
      const page = readPage(args, ['number', 'text', 'text', 'text', 'text', 'number', 'text', 'text']);
      const { stoppedAt, truncated, rows, ...edges } = await listRegressions(store, viewer, filter, policy, page);
      const question = {
        baseDays: policy.baseDays,
        includeHealthChecks: filter.scope.includeHealthChecks === true,
        slugs: given?.scope?.sources ?? [],
      };
      const judged = { rows: rows.map((row) => ({ ...row, question })), ...edges };
      const list = toConnection(judged, regressionKey, toSourceFilter(given?.scope), async () => null);
      return { ...goingOnAt(list, stoppedAt, args), policy, span: filter.span, truncated };
    },
  },
  Regression: {
    id: (row) => toNodeId('Regression', ...keyOf(row)),
    async project({ firstBadId }, _, { loaders }) {
      const { projectId } = required(await loaders.build.load(firstBadId), 'build');
      return required(await loaders.project.load(projectId), 'project');
    },
    branch: ({ branch }) => branch || null,
    environment: ({ deviceType }) => environmentOf(deviceType),
    since: ({ at }) => at * 1_000_000,
    lastGood: async ({ lastGoodId }, _, { loaders }) => required(await loaders.build.load(lastGoodId), 'build'),
    firstBad: async ({ firstBadId }, _, { loaders }) => required(await loaders.build.load(firstBadId), 'build'),
    fixedIn: async ({ fixedInId }, _, { loaders }) =>
      fixedInId === null ? null : required(await loaders.build.load(fixedInId), 'build'),
    failingSources: async ({ failingSourceIds }, _, { loaders }) =>
      Promise.all(failingSourceIds.map(async (id) => required(await loaders.source.load(id), 'source'))),
    suspects: async ({ suspectIds }, _, { loaders }) =>
      Promise.all(suspectIds.map(async (id) => required(await loaders.build.load(id), 'build'))),
    pValue: ({ p }) => p ?? 1,
    qValue: ({ q }) => q,
    effect: ({ effect }) => effect ?? 0,
  },
  RegressionWindow: {
    passRate: ({ passes, fails }) => passes / (passes + fails),
    interval: ({ passes, fails }) => wilson(passes, passes + fails) ?? [],
  },
  RegressionConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    since: ({ span }) => span.from * 1_000_000,
    until: ({ span }) => span.until * 1_000_000,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
