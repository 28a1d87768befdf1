/** Whether a build passes. */
import type { JudgedRow } from '#analysis/verdict.ts';
import { DEFAULT_POLICY, VerdictPolicy } from '#schema/verdict-policy.ts';
import type { BuildRow } from '#store/build.ts';
import { InvalidInput } from '#store/error.ts';
import { getIssuesById } from '#store/known-issue.ts';
import { type BuildVerdict, EXPECTED_FROM, getVerdict } from '#store/verdict.ts';
import { beginning } from './beginning.ts';
import type { Context } from './context.ts';
import { environmentOf } from './environment.ts';
import type { BuildResolvers, Resolvers, VerdictOutcome, VerdictPolicyInput } from './graphql/types.ts';
import { missingOf } from './missing.ts';

export type VerdictParent = BuildVerdict & { policy: VerdictPolicy };

/** What is null in a query is left out in a file. */
function readPolicy(input: VerdictPolicyInput): VerdictPolicy {
  const given = JSON.parse(JSON.stringify(input, (_, value) => value ?? undefined));
  const parsed = VerdictPolicy.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidInput(`"policy${issue ? `.${issue.path.join('.')}` : ''}": ${issue?.message ?? 'not understood'}`);
}

async function verdictOf(
  build: BuildRow,
  input: VerdictPolicyInput | null | undefined,
  context: Context,
): Promise<VerdictParent> {
  const { store, viewer, policies, now } = context;
  const policy = input ? readPolicy(input) : (policies.get(build.projectSlug) ?? DEFAULT_POLICY);
  const missing = await missingOf(build, EXPECTED_FROM, null, context);
  return { ...(await getVerdict(store, viewer, build, policy, now(), missing)), policy };
}

export const verdictOfBuild: Pick<BuildResolvers, 'verdict'> = {
  verdict: (build, { policy }, context) => verdictOf(build, policy, context),
};

function ofOutcomes(rows: readonly JudgedRow[], outcomes: readonly VerdictOutcome[] | null | undefined) {
  return outcomes ? rows.filter(({ outcome }) => outcomes.includes(outcome)) : rows;
}

export const verdict: Pick<Resolvers, 'Verdict' | 'VerdictRow' | 'VerdictTest' | 'KnownFailures'> = {
  Verdict: {
    rows: ({ rows }, { outcome, first }) => beginning(ofOutcomes(rows, outcome), first),
    rowCount: ({ rows }, { outcome }) => ofOutcomes(rows, outcome).length,
  },
  KnownFailures: {
    failingCount: ({ failing }) => failing,
    knownCount: ({ known }) => known,
    async issues({ issues }, { first }, { store, viewer }) {
      const shown = beginning(issues, first);
      const rows = await getIssuesById(
        store,
        viewer,
        shown.map(({ number }) => number),
      );
      return shown.flatMap(({ number, tests }) => {
        const issue = rows.get(number);
        return issue ? [{ issue, testCount: tests }] : [];
      });
    },
    issueCount: ({ issues }) => issues.length,
  },
  VerdictRow: {
    environment: ({ deviceType }) => (deviceType === null ? null : environmentOf(deviceType)),
    failing: ({ failing }, { first }) => beginning(failing, first),
    failingCount: ({ failing }) => failing.length,
    known: ({ known }, { first }) => beginning(known, first),
    knownCount: ({ known }) => known.length,
  },
  VerdictTest: {
    async knownIssues({ labs }, _, { store, viewer }) {
      const numbers = new Set(labs.flatMap(({ issue }) => (issue ? [issue.number] : [])));
      const issues = await getIssuesById(store, viewer, [...numbers]);
      return [...issues.values()].sort((a, b) => a.id - b.id);
    },
    failsIn: ({ labs }) =>
      labs
        .filter(({ result }) => result === 'FAIL')
        .map(({ slug }) => slug)
        .sort(),
    passesIn: ({ labs }) =>
      labs
        .filter(({ result }) => result === 'PASS')
        .map(({ slug }) => slug)
        .sort(),
  },
};
