import { compileRule } from '#analysis/compile-rule.ts';
import { trialSentence } from '#analysis/trial-sentence.ts';
import { type IssueMatch, issuesOfTest, listChanges, listMatches, matchKey } from '#store/issue-match.ts';
import {
  countKnownIssues,
  getKnownIssue,
  type IssueRow,
  isOpen,
  issueKey,
  listKnownIssues,
  quietSince,
  stateOf,
} from '#store/known-issue.ts';
import { fixKnownIssue, issueTarget, type Saved, saveKnownIssue, undoKnownIssue } from '#store/save-known-issue.ts';
import { getSource } from '#store/source.ts';
import { splitSuiteName } from '#store/suite-run.ts';
import { fromStored } from '#store/text.ts';
import { type IssueTrial, tryKnownIssue } from '#store/try-known-issue.ts';
import { triagerOf } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { readFields, readRule } from './known-issue-input.ts';
import { fromNodeId, toNodeId } from './node-id.ts';
import { required } from './required.ts';

export type KnownIssueList = Connection<IssueRow, number>;
export type KnownIssueMatchList = Connection<IssueMatch & { issue: IssueRow }, number>;
export type TrialParent = IssueTrial & { userErrors: Refusal };

/** Failures of a test that are looked at. */
const POINTS = 500;

const NOTHING: IssueTrial = {
  ...{ matches: 0, jobs: 0, sources: [], tests: 0, newestAt: null, looked: 0 },
  ...{ moreJobs: false, unreadLogs: 0, matchesEverything: false, first: [] },
};

/** The change, and the issue as it is after it: read where it was written. */
async function changed(context: Context, field: string, work: (change: Change) => Promise<Saved | Refusal>) {
  const { done, userErrors } = await attempt(
    context,
    triagerOf,
    async (change) => {
      const saved = await work(change);
      if (Array.isArray(saved)) return saved;
      return { ...saved, issue: await getKnownIssue(change.store, context.viewer, saved.id) };
    },
    field,
  );
  return { issue: done?.issue ?? null, event: done ? toNodeId('AuditEvent', done.eventId) : null, userErrors };
}

/** One that names a source that the viewer does not see would be nobody's that he knows. */
async function unknownSource({ store, viewer }: Context, slug: string | null): Promise<Refusal | null> {
  if (slug === null || (await getSource(store, viewer, slug))) return null;
  return [errorOf('NOT_FOUND', `There is no source "${slug}" here.`, 'source')];
}

/** Another engine than the one that it was written for may refuse a pattern. */
function problemOf(issue: IssueRow): string | null {
  const { problems } = compileRule(issue);
  return problems.length === 0 ? null : problems.map(({ message }) => message).join(' ');
}

const sumOf = async ({ id }: IssueRow, { loaders }: Context) => (await loaders.issueSum.load(id)) ?? null;

export const knownIssue: Pick<
  Resolvers,
  | 'Query'
  | 'Mutation'
  | 'KnownIssue'
  | 'KnownIssueConnection'
  | 'KnownIssueMatch'
  | 'KnownIssueMatchConnection'
  | 'KnownIssueChange'
  | 'KnownIssueTrial'
  | 'GroupKnownIssue'
  | 'Job'
  | 'TestCase'
  | 'Regression'
  | 'TestHistory'
  | 'FailureGroup'
> = {
  Query: {
    async knownIssues(_, { state, ...args }, { store, viewer, now }) {
      const filter = { states: state };
      const page = await listKnownIssues(store, viewer, filter, now(), readPage(args, ['number', 'id']));
      const list = toConnection(page, issueKey, {}, () => countKnownIssues(store, viewer, filter, now()));
      return { ...list, edges: list.edges.map(({ cursor, node }) => ({ cursor, node: node.issue })) };
    },
    knownIssue: (_, { number }, { store, viewer }) => getKnownIssue(store, viewer, number),
    async tryKnownIssue(_, { rule: given }, context) {
      const { store, viewer, now } = context;
      triagerOf(viewer);
      const read = readRule(given);
      const refusal = read.value ? await unknownSource(context, read.value.source) : read.userErrors;
      if (!read.value || refusal) return { ...NOTHING, userErrors: refusal ?? [] };
      return { ...(await tryKnownIssue(store, viewer, read.value, now())), userErrors: [] };
    },
  },
  Mutation: {
    saveKnownIssue: (_, { input }, context) =>
      changed(context, 'number', async ({ store, at }) => {
        const read = readFields(input);
        if (!read.value) return read.userErrors;
        const refusal = await unknownSource(context, read.value.source);
        return refusal ?? saveKnownIssue(store, context.viewer, input.number ?? null, read.value, at);
      }),
    fixKnownIssue: (_, { number }, context) =>
      changed(context, 'number', ({ store, at }) => fixKnownIssue(store, context.viewer, number, at)),
    undoKnownIssue: (_, { event }, context) =>
      changed(context, 'event', async ({ store, at }) => {
        const id = fromNodeId(event);
        const number = id?.kind === 'AuditEvent' ? Number(id.key[0]) : 0;
        return undoKnownIssue(store, context.viewer, number, at);
      }),
  },
  KnownIssue: {
    id: ({ id }) => toNodeId('KnownIssue', id),
    number: ({ id }) => id,
    reopenedAt: async (issue, _, context) => (await sumOf(issue, context))?.reopenedAt ?? null,
    state: async (issue, _, context) => stateOf(issue, await sumOf(issue, context), context.now()),
    async active(issue, _, context) {
      return isOpen(stateOf(issue, await sumOf(issue, context), context.now())) && problemOf(issue) === null;
    },
    problem: problemOf,
    quietSince: async (issue, _, context) => quietSince(issue, await sumOf(issue, context), context.now()),
    since: ({ at }) => at,
    enteredBy: ({ login }, _, { viewer }) => (viewer.kind === 'anonymous' ? null : login),
    matchesLast30Days: async (issue, _, context) => (await sumOf(issue, context))?.recent ?? 0,
    matchCount: async (issue, _, context) => (await sumOf(issue, context))?.total ?? 0,
    firstMatchAt: async (issue, _, context) => (await sumOf(issue, context))?.firstAt ?? null,
    lastMatchAt: async (issue, _, context) => (await sumOf(issue, context))?.lastAt ?? null,
    async matches(issue, args, context) {
      const { store, viewer } = context;
      const page = await listMatches(store, viewer, issue.id, readPage(args, ['number', 'text', 'number', 'text']));
      const list = toConnection(page, matchKey, {}, async () => (await sumOf(issue, context))?.total ?? 0);
      return { ...list, edges: list.edges.map(({ cursor, node }) => ({ cursor, node: { ...node, issue } })) };
    },
    changes: ({ id }, _, { store, viewer }) => listChanges(store, viewer, issueTarget(id)),
  },
  KnownIssueConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  KnownIssueMatchConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
  },
  KnownIssueChange: {
    event: ({ id }) => toNodeId('AuditEvent', id),
    actor: ({ actor }) => fromStored(actor),
    before: ({ before }) => (before === null ? null : JSON.parse(fromStored(before))),
    after: ({ after }) => (after === null ? null : JSON.parse(fromStored(after))),
  },
  KnownIssueTrial: {
    sentence: (trial) => (trial.userErrors.length > 0 ? 'The rule cannot be tried.' : trialSentence(trial)),
    sources: ({ sources }, _, { store, viewer }) =>
      Promise.all(sources.map(async (slug) => required((await getSource(store, viewer, slug)) ?? undefined, 'source'))),
    truncated: ({ moreJobs, unreadLogs }) => moreJobs || unreadLogs > 0,
    matchesNothing: ({ jobs }) => jobs === 0,
  },
  Job: {
    async knownIssues(job, _, { loaders }) {
      return ((await loaders.jobIssues.load(job.id)) ?? []).map((match) => ({ ...match, job }));
    },
  },
  TestCase: {
    async knownIssues({ jobId, suite, set, name, result }, _, { loaders }) {
      if (result !== 'FAIL') return [];
      const matches = (await loaders.jobIssues.load(jobId)) ?? [];
      return issuesOfTest(matches, { suite: splitSuiteName(suite).name, set, name }).map(({ issue }) => issue);
    },
  },
  TestHistory: {
    async knownIssues({ points, suite, name }, _, { loaders }) {
      const failing = points.filter(({ result }) => result === 'FAIL').slice(0, POINTS);
      const found = await Promise.all(
        failing.map(async ({ jobId, set }) =>
          issuesOfTest((await loaders.jobIssues.load(jobId)) ?? [], { suite, set, name }),
        ),
      );
      const byNumber = new Map(found.flat().map(({ issue }) => [issue.id, issue]));
      return [...byNumber.values()].sort((a, b) => a.id - b.id);
    },
  },
  Regression: {
    knownIssue: ({ firstBadId, suite, set, name, deviceType }, _, { loaders }) =>
      loaders.testIssue.load({ buildId: firstBadId, suite, set, name, deviceType }),
  },
  FailureGroup: {
    knownIssues: async ({ id, scope }, _, { loaders }) => loaders.groupIssues.load({ id, scope }),
  },
};
