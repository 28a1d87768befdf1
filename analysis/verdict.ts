/** Whether a build passes, by a policy; from what ran, what fails and what is missing. */
import { matchesGlob } from './glob.ts';
import { MISSING_REASONS, type MissingReason } from './missing-reason.ts';

export type Outcome = 'PASS' | 'FAIL' | 'INFRASTRUCTURE' | 'INCOMPLETE' | 'CANNOT_TELL';

type Named = { suite: string; deviceTypes?: string[] | undefined };
export type Policy = {
  required: readonly Named[];
  allowed: readonly (Named & { test: string; because?: string | undefined })[];
  labs: number;
  /** Whether failures that a known issue explains count all the same. */
  knownIssues: 'ignore' | 'count';
};

/** A suite on a device type: what it came to over all labs, or why there is nothing. `infrastructure`: jobs. */
export type Cell = {
  suite: string;
  deviceType: string;
  pass: number;
  fail: number;
  total: number;
  infrastructure: number;
  missing: { reason: MissingReason; jobs: number } | null;
};

/** A test that fails in a lab at least: what the newest run of each lab says, and the known issue that explains a failure. */
export type FailedTest = {
  suite: string;
  set: string | null;
  name: string;
  deviceType: string;
  labs: readonly { slug: string; result: string; issue: { number: number; title: string } | null }[];
};

/** What came of one required suite on a device type. `suite` is a rule's pattern where nothing is as it says. */
export type JudgedRow = {
  suite: string;
  deviceType: string | null;
  outcome: Exclude<Outcome, 'CANNOT_TELL'>;
  why: string;
  /** Those that count. */
  failing: FailedTest[];
  /** Those that a known issue explains in a lab at least, whether they count or not. */
  known: FailedTest[];
};

export type Verdict = { outcome: Outcome; sentence: string; rows: JudgedRow[] };

/** `unknown`: why not every failure is known, null when each is. Rows: the worst first, then by suite and device type. */
export function judge(
  policy: Policy,
  cells: readonly Cell[],
  failing: readonly FailedTest[],
  unknown: string | null,
): Verdict {
  const byCell = Map.groupBy(
    failing.filter((test) => counts(policy, test)),
    keyOf,
  );
  const known = Map.groupBy(
    failing.filter(({ labs }) => labs.some(({ issue }) => issue !== null)),
    keyOf,
  );
  const wanted = cells.filter((cell) => policy.required.some((rule) => isNamed(rule, cell)));
  const unmet = policy.required.filter((rule) => !cells.some((cell) => isNamed(rule, cell)));
  const rows = [
    ...unmet.map(unmetRow),
    ...wanted.map((cell) => rowOf(policy, cell, byCell.get(keyOf(cell)) ?? [], known.get(keyOf(cell)) ?? [])),
  ];
  rows.sort(
    (a, b) =>
      WORST.indexOf(a.outcome) - WORST.indexOf(b.outcome) ||
      compare(a.suite, b.suite) ||
      compare(a.deviceType ?? '', b.deviceType ?? ''),
  );
  const worst = rows[0]?.outcome ?? 'PASS';
  if (cells.length === 0) return { outcome: 'CANNOT_TELL', sentence: 'Nothing has run, or was to run.', rows };
  if (worst !== 'FAIL' && unknown !== null) return { outcome: 'CANNOT_TELL', sentence: `${unknown}.`, rows };
  return { outcome: worst, sentence: sentenceOf(policy, rows), rows };
}

const WORST: readonly JudgedRow['outcome'][] = ['FAIL', 'INFRASTRUCTURE', 'INCOMPLETE', 'PASS'];

function keyOf({ suite, deviceType }: { suite: string; deviceType: string }): string {
  return JSON.stringify([suite, deviceType]);
}

function isNamed({ suite, deviceTypes }: Named, of: { suite: string; deviceType: string }): boolean {
  return matchesGlob(suite, of.suite) && (deviceTypes?.some((pattern) => matchesGlob(pattern, of.deviceType)) ?? true);
}

function counts({ allowed, labs, knownIssues }: Policy, test: FailedTest): boolean {
  const name = test.set === null ? test.name : `${test.set}/${test.name}`;
  if (allowed.some((rule) => isNamed(rule, test) && matchesGlob(rule.test, name))) return false;
  const unexplained = test.labs.filter(({ issue }) => knownIssues === 'count' || issue === null);
  const said = unexplained.filter(({ result }) => result === 'PASS' || result === 'FAIL');
  const failures = said.filter(({ result }) => result === 'FAIL').length;
  return failures > 0 && failures >= Math.min(labs, said.length);
}

function unmetRow({ suite, deviceTypes }: Named): JudgedRow {
  const where = deviceTypes ? ` on ${deviceTypes.join(', ')}` : '';
  const why = `nothing that ran, or was to run, is called ${suite}${where}`;
  return {
    suite,
    deviceType: deviceTypes?.length === 1 ? (deviceTypes[0] ?? null) : null,
    outcome: 'INCOMPLETE',
    why,
    failing: [],
    known: [],
  };
}

function rowOf(policy: Policy, cell: Cell, failing: FailedTest[], known: FailedTest[]): JudgedRow {
  const { suite, deviceType, missing } = cell;
  for (const tests of [failing, known])
    tests.sort((a, b) => compare(a.set ?? '', b.set ?? '') || compare(a.name, b.name));
  const row = (outcome: JudgedRow['outcome'], why: string) => ({ suite, deviceType, outcome, why, failing, known });
  if (missing) return row(outcomeOf(missing.reason), MISSING_REASONS[missing.reason](missing.jobs));
  if (failing.length > 0) return row('FAIL', failing.length === 1 ? '1 test fails' : `${failing.length} tests fail`);
  if (cell.total === 0) {
    const reason = cell.infrastructure > 0 ? 'INFRASTRUCTURE' : 'LEFT_OUT';
    return row(outcomeOf(reason), MISSING_REASONS[reason](Math.max(1, cell.infrastructure)));
  }
  if (cell.pass === 0 && cell.fail === 0) return row('INCOMPLETE', 'none of its tests passed or failed');
  if (cell.fail === 0) return row('PASS', `${cell.pass} of ${plural(cell.total, 'result')} pass`);
  const because = [
    'allowed',
    ...(policy.knownIssues === 'ignore' ? ['known'] : []),
    ...(policy.labs > 1 ? ['not seen by enough labs'] : []),
  ];
  return row('PASS', `every failure is ${because.join(', ')}, or passed when run again`);
}

function outcomeOf(reason: MissingReason) {
  return reason === 'INFRASTRUCTURE' ? 'INFRASTRUCTURE' : 'INCOMPLETE';
}

function sentenceOf({ required }: Policy, rows: readonly JudgedRow[]): string {
  const what = required.some(({ suite, deviceTypes }) => suite === '*' && !deviceTypes)
    ? 'every suite'
    : 'all required suites';
  const types = [...Map.groupBy(rows, ({ deviceType }) => deviceType)].map(([name, of]) => ({
    name: name === null ? 'a required suite' : name || 'no type',
    outcome: WORST.find((outcome) => of.some((row) => row.outcome === outcome)) ?? 'PASS',
    suites: of,
  }));
  const passed = types.filter(({ outcome }) => outcome === 'PASS').length;
  const told = WORST.slice(0, 3).flatMap((outcome) => {
    const names = types.filter((type) => type.outcome === outcome).map(({ name }) => name);
    return names.length > 0 ? [`${listed(names)} ${WORDS[outcome as keyof typeof WORDS]}`] : [];
  });
  const rest = told.length > 0 ? `; ${told.join('; ')}` : '';
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} passed on ${passed} of ${plural(types.length, 'device type')}${rest}.`;
}

const WORDS = { FAIL: 'failed', INFRASTRUCTURE: "did not run by the lab's fault", INCOMPLETE: 'did not run all of it' };

/** Names in a sentence: three, and how many more. */
function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '');
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
