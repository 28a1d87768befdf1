import { expect, test } from 'vitest';
import { type Cell, type FailedTest, judge, type Policy } from '#analysis/verdict.ts';

const EVERY: Policy = { required: [{ suite: '*' }], allowed: [], labs: 1, knownIssues: 'count' };
const cell = (suite: string, deviceType: string, more: Partial<Cell> = {}): Cell => {
  const ran = { pass: 3, fail: 0, total: 3, infrastructure: 0, missing: null };
  return { suite, deviceType, ...ran, ...more };
};
const failed = (
  name: string,
  labs: Record<string, string> = { alpha: 'FAIL' },
  more: Partial<FailedTest> = {},
): FailedTest => {
  const said = Object.entries(labs).map(([slug, result]) => ({ slug, result, issue: null }));
  return { suite: 'ltp', set: null, name, deviceType: 'qemu', labs: said, ...more };
};
const broken = cell('ltp', 'qemu', { pass: 2, fail: 1 });
const lost = cell('smoke', 'juno-r2', { pass: 0, total: 0, missing: { reason: 'INFRASTRUCTURE', jobs: 2 } });
const queued = cell('smoke', 'x15', { pass: 0, total: 0, missing: { reason: 'QUEUED', jobs: 1 } });
const outcome = (...args: Parameters<typeof judge>) => judge(...args).outcome;

test('a failure is worse than what a lab lost, and that than what is missing', () => {
  const good = cell('smoke', 'qemu');
  expect(outcome(EVERY, [good], [], null)).toBe('PASS');
  expect(outcome(EVERY, [good, queued], [], null)).toBe('INCOMPLETE');
  expect(outcome(EVERY, [good, queued, lost], [], null)).toBe('INFRASTRUCTURE');
  expect(outcome(EVERY, [good, queued, lost, broken], [failed('fork01')], null)).toBe('FAIL');
});

test('nothing that ran, or failures that are not known, is no verdict; a failure that is known is one', () => {
  expect(judge(EVERY, [], [], null)).toMatchObject({
    outcome: 'CANNOT_TELL',
    sentence: 'Nothing has run, or was to run.',
  });
  expect(judge(EVERY, [cell('ltp', 'qemu')], [], 'Some are gone')).toMatchObject({
    outcome: 'CANNOT_TELL',
    sentence: 'Some are gone.',
  });
  expect(outcome(EVERY, [broken], [failed('fork01')], 'Some are gone')).toBe('FAIL');
});

test('only required suites count, on the device types that are named', () => {
  const policy = { ...EVERY, required: [{ suite: 'sm*', deviceTypes: ['q*'] }] };
  const verdict = judge(policy, [cell('smoke', 'qemu'), broken, queued], [failed('fork01')], null);
  expect(verdict.rows.map(({ suite, deviceType }) => [suite, deviceType])).toEqual([['smoke', 'qemu']]);
  expect(verdict.sentence).toBe('All required suites passed on 1 of 1 device type.');
});

test('a required suite that nothing is called is told', () => {
  const policy = { ...EVERY, required: [{ suite: 'smok', deviceTypes: ['qemu', 'x15'] }, { suite: 'ltp' }] };
  const { outcome, rows } = judge(policy, [cell('ltp', 'qemu')], [], null);
  expect(outcome).toBe('INCOMPLETE');
  expect(rows[0]).toMatchObject({
    suite: 'smok',
    deviceType: null,
    why: 'nothing that ran, or was to run, is called smok on qemu, x15',
  });
});

test('a failure that is allowed does not count, by the name with its set', () => {
  const allowed = [{ suite: 'ltp', test: 'net/*', deviceTypes: ['qemu'], because: 'known' }];
  const inSet = failed('ping', { alpha: 'FAIL' }, { set: 'net' });
  expect(outcome({ ...EVERY, allowed }, [broken], [inSet], null)).toBe('PASS');
  expect(outcome({ ...EVERY, allowed }, [broken], [inSet, failed('ping')], null)).toBe('FAIL');
  expect(
    outcome({ ...EVERY, allowed }, [cell('ltp', 'x15', { fail: 1 })], [{ ...inSet, deviceType: 'x15' }], null),
  ).toBe('FAIL');
});

test('with a quorum so many labs must see it fail, or all that ran it', () => {
  const policy = { ...EVERY, labs: 2 };
  const by = (labs: Record<string, string>) => outcome(policy, [broken], [failed('fork01', labs)], null);
  expect(by({ alpha: 'FAIL', beta: 'PASS' })).toBe('PASS');
  expect(by({ alpha: 'FAIL', beta: 'FAIL', gamma: 'PASS' })).toBe('FAIL');
  expect(by({ alpha: 'FAIL' })).toBe('FAIL');
  // A lab that skipped it has not run it.
  expect(by({ alpha: 'FAIL', beta: 'SKIP' })).toBe('FAIL');
});

test('a suite without a pass or a failure has not passed', () => {
  expect(outcome(EVERY, [cell('ltp', 'qemu', { pass: 0, total: 4 })], [], null)).toBe('INCOMPLETE');
  expect(outcome(EVERY, [cell('ltp', 'qemu', { pass: 0, total: 0, infrastructure: 1 })], [], null)).toBe(
    'INFRASTRUCTURE',
  );
});

test('the sentence counts device types, and names those that are not well', () => {
  const cells = [broken, lost, queued, cell('smoke', 'imx8'), cell('smoke', 'qemu')];
  expect(judge(EVERY, cells, [failed('fork01')], null).sentence).toBe(
    "Every suite passed on 1 of 4 device types; qemu failed; juno-r2 did not run by the lab's fault; x15 did not run all of it.",
  );
  const many = ['a', 'b', 'c', 'd', 'e'].map((type) => ({ ...queued, deviceType: type }));
  expect(judge(EVERY, many, [], null).sentence).toBe(
    'Every suite passed on 0 of 5 device types; a, b, c and 2 more did not run all of it.',
  );
});

test('failures that a known issue explains do not count where the policy ignores them; another lab’s does; what a lab lost stays lost', () => {
  const issue = { number: 3, title: 'hub' };
  const known = failed('ping', {}, { labs: [{ slug: 'alpha', result: 'FAIL', issue }] });
  const both = failed('boot', {}, { labs: [...known.labs, { slug: 'beta', result: 'FAIL', issue: null }] });
  const ignore: Policy = { ...EVERY, knownIssues: 'ignore' };
  expect(outcome(EVERY, [broken], [known], null)).toBe('FAIL');
  const verdict = judge(ignore, [broken], [known], null);
  expect(verdict).toMatchObject({ outcome: 'PASS', rows: [{ failing: [], known: [{ name: 'ping' }] }] });
  expect(verdict.rows[0]?.why).toBe('every failure is allowed, known, or passed when run again');
  expect(judge(ignore, [broken], [known, both], null)).toMatchObject({
    ...{
      outcome: 'FAIL',
      rows: [{ why: '1 test fails', failing: [{ name: 'boot' }], known: [{ name: 'boot' }, { name: 'ping' }] }],
    },
  });
  expect(outcome(ignore, [broken, lost], [known], null)).toBe('INFRASTRUCTURE');
});
