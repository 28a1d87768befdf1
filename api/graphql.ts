/** GraphQL: mercurius holds the schema and serves graphql-ws; graphql-http answers over HTTP by the specification. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, parse, specifiedRules, validate } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/fastify';
import mercurius, { type IResolvers } from 'mercurius';
import type { Viewer } from '#schema/viewer.ts';
import { Conflict, Forbidden, InvalidInput, NotFound } from '#store/error.ts';
import type { Store } from '#store/store.ts';
import { access } from './access.ts';
import { attribution } from './attribution.ts';
import { auditLog } from './audit-log.ts';
import { build } from './build.ts';
import { changepoint } from './changepoint.ts';
import { comparison } from './comparison.ts';
import type { Context } from './context.ts';
import { coverage } from './coverage.ts';
import { openCursorSeal, sealCursors } from './cursor-seal.ts';
import { deadLetter } from './dead-letter.ts';
import { createExecute } from './execute.ts';
import { failureGroup } from './failure-group.ts';
import { flakyTest } from './flaky-test.ts';
import { fleet } from './fleet.ts';
import { groupMerge } from './group-merge.ts';
import { groupSplit } from './group-split.ts';
import { historyGrid } from './history-grid.ts';
import { job } from './job.ts';
import { jobComparison } from './job-comparison.ts';
import { jobProgress, progressSubscription } from './job-progress.ts';
import { knownIssue } from './known-issue.ts';
import { labAgreement } from './lab-agreement.ts';
import { limitRule, MAX_TOKENS } from './limits.ts';
import { createLiveJobs } from './live-jobs.ts';
import { createLoaders } from './loaders.ts';
import { logComparison } from './log-comparison.ts';
import { manySides } from './many-sides.ts';
import { mapping } from './mapping.ts';
import { matrix } from './matrix.ts';
import { missing } from './missing.ts';
import { nameAlias } from './name-alias.ts';
import { note } from './note.ts';
import { omission } from './omission.ts';
import { periods } from './periods.ts';
import { projectSuite } from './project-suite.ts';
import { regression } from './regression.ts';
import { root } from './root.ts';
import { scalars } from './scalars.ts';
import { search } from './search.ts';
import { createServed } from './served.ts';
import { source } from './source.ts';
import { sourceAdmin } from './source-admin.ts';
import type { SourceDesk } from './source-desk.ts';
import { stats } from './stats.ts';
import { type FinishedJob, JOB_FINISHED, subscription } from './subscription.ts';
import { sync } from './sync.ts';
import { testCase } from './test-case.ts';
import { testHistory } from './test-history.ts';
import { triage } from './triage.ts';
import { isUnavailable, RETRY_AFTER_SECONDS, UNAVAILABLE } from './unavailable.ts';
import { verdict } from './verdict.ts';

const SDL = join(import.meta.dirname, '../schema/graphql');

/** The contract as text. */
export function readSdl(): string {
  return readdirSync(SDL)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(join(SDL, name), 'utf8'))
    .join('\n');
}

export type GraphqlOptions = {
  store: Store;
  now: () => number;
  version: string;
  startedAt: number;
  canSignIn: boolean;
  desk: SourceDesk | null;
  policies: Context['policies'];
  rules: Context['rules'];
  events: { on(name: 'jobFinished', listener: (job: FinishedJob) => void): unknown };
};

const analysis = [
  testHistory,
  historyGrid,
  projectSuite,
  comparison,
  jobComparison,
  logComparison,
  labAgreement,
  manySides,
  periods,
  flakyTest,
  changepoint,
  regression,
  stats,
  failureGroup,
  triage,
  groupMerge,
  groupSplit,
  attribution,
  knownIssue,
];
const nouns = [
  root,
  source,
  sourceAdmin,
  auditLog,
  access,
  mapping,
  nameAlias,
  sync,
  deadLetter,
  fleet,
  job,
  jobProgress,
  testCase,
  build,
  matrix,
  missing,
  verdict,
  note,
  omission,
  search,
  coverage,
  ...analysis,
];

export async function addGraphql(app: FastifyInstance, options: GraphqlOptions): Promise<void> {
  const { store, now, version, startedAt, canSignIn, desk, policies, rules } = options;
  const served = createServed(startedAt, now);
  const live = createLiveJobs({ store, desk, now, log: app.log });
  app.addHook('onClose', () => live.close());
  const cursors = await openCursorSeal(store, desk);
  const contextOf = (viewer: Viewer, lasts: boolean): Context => ({
    store,
    viewer,
    now,
    version,
    startedAt,
    served,
    canSignIn,
    desk,
    live,
    cursors,
    policies,
    rules,
    loaders: createLoaders(store, viewer, now(), lasts),
  });
  const resolvers = {
    ...scalars,
    ...merge(nouns),
    Subscription: { ...subscription, ...progressSubscription },
    Node: { resolveType: (row: { __typename: string }) => row.__typename },
  };
  let answer: (request: FastifyRequest, reply: FastifyReply) => unknown;

  await app.register(mercurius, {
    schema: readSdl(),
    resolvers: resolvers as unknown as IResolvers,
    path: '/graphql',
    graphiql: false,
    cache: false,
    validationRules: ({ variables }) => [limitRule(variables ?? {})],
    additionalRouteOptions: {
      async preValidation(request, reply) {
        if (request.headers.upgrade?.toLowerCase() !== 'websocket') await answer(request, reply);
      },
    },
    // Over HTTP it hears of bodies that cannot be read, over sockets of everything.
    errorFormatter: (execution, context) => ({
      statusCode: mercurius.defaultErrorFormatter(execution, context).statusCode,
      response: { data: execution.data ?? null, errors: execution.errors?.map((error) => present(error)) },
    }),
    subscription: {
      keepAlive: 30_000,
      context: (_socket, request) => contextOf(request.viewer, true),
    },
  });

  sealCursors(app.graphql.schema);

  // mercurius runs what comes over a socket unvalidated.
  app.graphql.addHook('preSubscriptionExecution', async (schema, document) => {
    const [error] = validate(schema, document, [...specifiedRules, limitRule(null)]);
    if (error) throw error;
  });

  const costs = new WeakMap<object, number>();
  const execute = createExecute();
  const handler = createHandler<Context>({
    schema: app.graphql.schema,
    parse: (source, settings) => parse(source, { ...settings, maxTokens: MAX_TOKENS }),
    context: (request) => contextOf(request.raw.viewer, false),
    execute: (args) => execute(args, costs.get(args.document) ?? 0),
    validationRules: (_, args, rules) => [
      ...rules,
      limitRule(args.variableValues ?? {}, (cost) => costs.set(args.document, (costs.get(args.document) ?? 0) + cost)),
    ],
    onOperation(request, args, result) {
      for (const error of result.errors ?? []) report(request.raw, error);
      if (result.errors?.some(isUnavailable)) {
        const errors = [new GraphQLError(UNAVAILABLE, { extensions: { code: 'UNAVAILABLE' } })];
        return [
          JSON.stringify({ errors }),
          {
            status: 503,
            statusText: 'Service Unavailable',
            headers: {
              'content-type': 'application/json; charset=utf-8',
              'retry-after': String(RETRY_AFTER_SECONDS),
            },
          },
        ];
      }
      const cost = costs.get(args.document);
      return cost === undefined
        ? result
        : { ...result, extensions: { ...result.extensions, cost: { requested: cost } } };
    },
    formatError: (error) => present(error),
  });
  answer = (request, reply) => handler.call(app, request, reply);

  options.events.on('jobFinished', (finished) => {
    app.graphql.pubsub.publish({ topic: JOB_FINISHED, payload: { jobFinished: finished } });
  });
}

const TOLD = [
  [InvalidInput, 'BAD_USER_INPUT'],
  [NotFound, 'NOT_FOUND'],
  [Forbidden, 'FORBIDDEN'],
  [Conflict, 'CONFLICT'],
] as const;

/** The code of a caller's mistake or of an outage, or null when the fault is ours. */
function codeOf(error: Readonly<Error>): string | null {
  if (isUnavailable(error)) return 'UNAVAILABLE';
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (!original) return error instanceof GraphQLError ? String(error.extensions.code ?? 'BAD_REQUEST') : null;
  if (original instanceof GraphQLError) return 'BAD_USER_INPUT';
  if ('statusCode' in original && Number(original.statusCode) < 500) return 'BAD_REQUEST';
  return TOLD.find(([kind]) => original instanceof kind)?.[1] ?? null;
}

const OURS = 'Basalt failed to answer; the request id is in the header x-request-id.';

/** What a caller is told: his own mistakes in full, ours not. */
function present(error: Readonly<GraphQLError | Error>): GraphQLError {
  const code = codeOf(error);
  if (code === 'UNAVAILABLE') return new GraphQLError(UNAVAILABLE, { extensions: { code } });
  if (!(error instanceof GraphQLError))
    return new GraphQLError(code ? error.message : OURS, { extensions: { code: code ?? 'INTERNAL' } });
  const { nodes, path, source, positions, message } = error;
  if (!code) return new GraphQLError(OURS, { nodes, path, extensions: { code: 'INTERNAL' } });
  return new GraphQLError(message, { nodes, path, source, positions, extensions: { ...error.extensions, code } });
}

function report(request: FastifyRequest, error: Readonly<GraphQLError>): void {
  if (codeOf(error) === null)
    request.log.error({ err: error.originalError ?? error, path: error.path }, 'a resolver failed');
}

type ByType = Record<string, Record<string, unknown> | undefined>;

function merge(parts: readonly object[]): ByType {
  const merged: ByType = {};
  for (const part of parts) {
    for (const [type, fields] of Object.entries(part)) merged[type] = { ...merged[type], ...fields };
  }
  return merged;
}
