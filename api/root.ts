import { hasPasswords } from '#store/account.ts';
import { getBuild, getProject } from '#store/build.ts';
import { InvalidInput } from '#store/error.ts';
import { getFailureGroup } from '#store/failure-group.ts';
import { getDevice, getWorker, listDeviceTypes } from '#store/fleet.ts';
import { getJob } from '#store/job.ts';
import { getKnownIssue } from '#store/known-issue.ts';
import { getLetter } from '#store/quarantined.ts';
import { allSources, getSource, getSourceTotals } from '#store/source.ts';
import { getSyncRun } from '#store/sync-run.ts';
import { getTestCase } from '#store/test-case.ts';
import { scopesOf } from '#store/visibility.ts';
import type { Context } from './context.ts';
import { coverageOf, toSourceFilter } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { MAX_COST } from './limits.ts';
import { fromNodeId } from './node-id.ts';
import { getRegression } from './regression.ts';

const MAX_NODES = 100;
/** Each is found anew. */
const MAX_REGRESSIONS = 5;

/** The thing behind an id with the name of its type, or null. */
async function nodeOf(id: string, context: Context) {
  const { store, viewer } = context;
  const parsed = fromNodeId(id);
  if (!parsed) return null;
  const [a, b, c, d] = parsed.key;
  const named = <T extends object>(typename: string, row: T | null) => row && { ...row, __typename: typename };
  switch (parsed.kind) {
    case 'Source':
      return named('Source', await getSource(store, viewer, String(a)));
    case 'SyncRun':
      return named('SyncRun', await getSyncRun(store, viewer, String(a), Number(b)));
    case 'DeadLetter':
      return named('DeadLetter', await getLetter(store, viewer, String(a), { hash: Buffer.from(String(b), 'hex') }));
    case 'Device':
      return named('Device', await getDevice(store, viewer, String(a), String(b)));
    case 'Worker':
      return named('Worker', await getWorker(store, viewer, String(a), String(b)));
    case 'DeviceType': {
      const page = { limit: 1, after: null, before: null, backward: false };
      return named(
        'DeviceType',
        (await listDeviceTypes(store, viewer, { deviceTypes: [String(a)] }, page)).rows[0] ?? null,
      );
    }
    case 'Job':
      return named('Job', await getJob(store, viewer, String(a), String(c), Number(b)));
    case 'TestCase': {
      const job = await getJob(store, viewer, String(a), String(c), Number(b));
      return named('TestCase', job && (await getTestCase(store, viewer, job.id, Number(d))));
    }
    case 'Project':
      return named('Project', await getProject(store, viewer, String(a)));
    case 'Build':
      return named('Build', await getBuild(store, viewer, String(a), String(c), String(b)));
    case 'FailureGroup': {
      const group = await getFailureGroup(store, viewer, String(a));
      return named('FailureGroup', group && { ...group, scope: {}, sum: group });
    }
    case 'KnownIssue':
      return named('KnownIssue', await getKnownIssue(store, viewer, Number(a)));
    case 'Regression':
      return named('Regression', await getRegression(context, parsed.key));
    default:
      return null;
  }
}

export const root: Pick<Resolvers, 'Query' | 'Meta'> = {
  Query: {
    node: (_, { id }, context) => nodeOf(id, context),
    nodes(_, { ids }, context) {
      if (ids.length > MAX_NODES) throw new InvalidInput(`${ids.length} ids: ask for at most ${MAX_NODES} at once.`);
      const dear = ids.filter((id) => fromNodeId(id)?.kind === 'Regression').length;
      if (dear > MAX_REGRESSIONS)
        throw new InvalidInput(`${dear} ids of regressions: ask for at most ${MAX_REGRESSIONS} at once.`);
      return Promise.all(ids.map((id) => nodeOf(id, context)));
    },
    async meta(_, __, { store, viewer, version, startedAt, canSignIn, signInWith, desk }) {
      const ids = (await allSources(store, viewer)).map((row) => row.id);
      const hasAccounts = await hasPasswords(store);
      const totals = [...(await getSourceTotals(store, viewer, ids)).values()];
      return {
        version,
        startedAt,
        store: store.engine,
        resultCount: totals.reduce((n, t) => n + t.resultCount, 0),
        jobCount: totals.reduce((n, t) => n + t.jobCount, 0),
        canSignIn: canSignIn || hasAccounts || signInWith !== null,
        hasAccounts,
        signInWith,
        sendsMail: Boolean(desk?.mailer),
      };
    },
    rateLimit: (_, __, { budget }) => ({ ...budget.spent(), queryLimit: MAX_COST }),
    viewer: (_, __, { viewer }) => ({
      login: viewer.kind === 'person' ? viewer.login : null,
      isAnonymous: viewer.kind === 'anonymous',
      scopes: scopesOf(viewer),
      teams: viewer.kind === 'person' ? viewer.teams : [],
    }),
    coverage: (_, { scope }, context) => coverageOf(toSourceFilter(scope), context),
  },
};
