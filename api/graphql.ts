/** GraphQL: graphql-http answers over HTTP; events go over sockets and as server-sent events. */
import { readFileSync } from 'node:fs';
import websocket from '@fastify/websocket';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, parse } from 'graphql';
import type { Response } from 'graphql-http';
import { createHandler } from 'graphql-http/lib/use/fastify';
import mercurius, { type IResolvers } from 'mercurius';
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
import { addEventStream } from './event-stream.ts';
import { createExecute } from './execute.ts';
import { failureGroup } from './failure-group.ts';
import { feedSubscription } from './feed-subscription.ts';
import { flakyTest } from './flaky-test.ts';
import { fleet } from './fleet.ts';
import { present, report } from './graphql-error.ts';
import { groupMerge } from './group-merge.ts';
import { groupSplit } from './group-split.ts';
import { historyGrid } from './history-grid.ts';
import { job } from './job.ts';
import { jobChanges } from './job-changes.ts';
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
import { createReadParams } from './params.ts';
import { periods } from './periods.ts';
import { projectSuite } from './project-suite.ts';
import { callerOf, createBudgets, RateLimited, refusalOf, retryAfterOf } from './rate-limit.ts';
import { regression } from './regression.ts';
import { root } from './root.ts';
import { scalars } from './scalars.ts';
import { PUBLISHED, readSdl } from './sdl.ts';
import { search } from './search.ts';
import { createServed } from './served.ts';
import { createSocketHandler } from './socket.ts';
import { source } from './source.ts';
import { sourceAdmin } from './source-admin.ts';
import type { SourceDesk } from './source-desk.ts';
import { createSourceWatch } from './source-watch.ts';
import { createStanding } from './standing.ts';
import { stats } from './stats.ts';
import { type Caller, createPrepare } from './subscribe.ts';
import { counted, type FinishedJob, subscription } from './subscription.ts';
import { sync } from './sync.ts';
import { testCase } from './test-case.ts';
import { testHistory } from './test-history.ts';
import { createTopic } from './topic.ts';
import { triage } from './triage.ts';
import { isUnavailable, RETRY_AFTER_SECONDS, UNAVAILABLE } from './unavailable.ts';
import { verdict } from './verdict.ts';
import type { ViewerOf } from './viewer.ts';
import type { Vouching } from './vouching.ts';

/** Bytes of what a client says over a socket: no more than of a body. */
const MAX_MESSAGE = 64 * 1024;

export type GraphqlOptions = {
  store: Store;
  now: () => number;
  version: string;
  startedAt: number;
  canSignIn: boolean;
  /** What people call whoever else vouches for accounts; null where nobody does. */
  signInWith: string | null;
  viewerOf: ViewerOf;
  vouching: Vouching;
  costPerMinute: number;
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
  feedSubscription,
  mapping,
  nameAlias,
  sync,
  deadLetter,
  fleet,
  job,
  jobChanges,
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
  const { store, now, version, startedAt, canSignIn, signInWith, desk, policies, rules, viewerOf, vouching } = options;
  const served = createServed(startedAt, now);
  const live = createLiveJobs({ store, desk, now, log: app.log });
  app.addHook('onClose', () => live.close());
  const cursors = await openCursorSeal(store, desk);
  const watch = createSourceWatch({ store, now, log: app.log });
  app.addHook('onClose', async () => watch.close());
  const events = { jobFinished: createTopic<FinishedJob>(), sourceStatus: watch.status, syncRuns: watch.runs };
  options.events.on('jobFinished', events.jobFinished.publish);
  const budgetOf = createBudgets(options.costPerMinute, now);
  const contextOf = ({ viewer, ip, isPage }: Caller, lasts: boolean): Context => ({
    store,
    viewer,
    budget: budgetOf(isPage ? null : callerOf(viewer, ip)),
    now,
    version,
    startedAt,
    served,
    canSignIn,
    signInWith,
    desk,
    live,
    cursors,
    events,
    policies,
    rules,
    loaders: createLoaders(store, viewer, now(), lasts),
  });
  const resolvers = {
    ...scalars,
    ...merge(nouns),
    Subscription: counted({ ...subscription, ...progressSubscription }),
    Node: { resolveType: (row: { __typename: string }) => row.__typename },
  };
  // It holds the schema; graphql-http and graphql-ws speak for it.
  await app.register(mercurius, {
    schema: readSdl(),
    resolvers: resolvers as unknown as IResolvers,
    routes: false,
    graphiql: false,
    // Without it, it takes no resolvers of subscriptions.
    subscription: true,
  });
  const { schema } = app.graphql;
  sealCursors(schema);

  const readParams = createReadParams();
  const costs = new WeakMap<object, number>();
  const execute = createExecute();
  /** Of requests that only ask what they would cost. */
  const dryRuns = new WeakSet<object>();
  const handler = createHandler<Context>({
    schema,
    parseRequestParams: readParams,
    parse: (source, settings) => parse(source, { ...settings, maxTokens: MAX_TOKENS }),
    context(request, params) {
      const context = contextOf(request.raw, false);
      if (params.extensions?.dryRun === true) dryRuns.add(context);
      return context;
    },
    execute(args) {
      const cost = costs.get(args.document) ?? 0;
      if (dryRuns.has(args.contextValue as Context)) return { data: null };
      const refusal = refusalOf(args.contextValue as Context, cost);
      return refusal ? { errors: [refusal] } : execute(args, cost);
    },
    validationRules: (_, args, rules) => [
      ...rules,
      limitRule(args.variableValues ?? {}, (cost) => costs.set(args.document, (costs.get(args.document) ?? 0) + cost)),
    ],
    onOperation(request, args, result) {
      for (const error of result.errors ?? []) report(request.raw, error);
      if (result.errors?.some(isUnavailable)) {
        const error = new GraphQLError(UNAVAILABLE, { extensions: { code: 'UNAVAILABLE' } });
        return later(503, 'Service Unavailable', RETRY_AFTER_SECONDS, error);
      }
      const refused = result.errors?.find(({ originalError }) => originalError instanceof RateLimited);
      if (refused) return later(429, 'Too Many Requests', retryAfterOf(refused), refused);
      const { limit, remaining } = (args.contextValue as Context).budget.spent();
      const requested = costs.get(args.document) ?? 0;
      return { ...result, extensions: { ...result.extensions, cost: { requested, limit, remaining } } };
    },
    formatError: (error) => present(error),
  });

  const standing = createStanding(store, app.log, now, vouching);
  app.addHook('onClose', async () => standing.close());
  const prepare = createPrepare(schema, (caller) => contextOf(caller, true));
  await app.register(websocket, { options: { maxPayload: MAX_MESSAGE } });
  await app.register(async (scope) => {
    // Of bodies that cannot be read.
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      report(request, error);
      return reply
        .code(error instanceof GraphQLError ? 400 : (error.statusCode ?? 500))
        .send({ data: null, errors: [present(error)] });
    });
    const answer = (request: FastifyRequest, reply: FastifyReply) => handler.call(app, request, reply);
    const contract = readFileSync(PUBLISHED);
    scope.get('/schema.graphql', (_, reply) => reply.type('text/plain; charset=utf-8').send(contract));
    const wsHandler = createSocketHandler(standing, viewerOf, prepare);
    scope.route({ method: 'GET', url: '/graphql', handler: answer, wsHandler });
    scope.route({ method: 'POST', url: '/graphql', handler: answer });
    addEventStream(scope, { standing, prepare, readParams });
  });
}

/** An answer to whoever should ask again. */
function later(status: number, statusText: string, seconds: number, error: GraphQLError): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'retry-after': String(seconds) };
  return [JSON.stringify({ errors: [error] }), { status, statusText, headers }];
}

type ByType = Record<string, Record<string, unknown> | undefined>;

function merge(parts: readonly object[]): ByType {
  const merged: ByType = {};
  for (const part of parts) {
    for (const [type, fields] of Object.entries(part)) merged[type] = { ...merged[type], ...fields };
  }
  return merged;
}
