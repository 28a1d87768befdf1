import { expect, test } from 'vitest';
import { failingStep } from '#analysis/failing-step.ts';
import { type Failure, fingerprintsOf } from '#analysis/failure-fingerprint.ts';
import type { KernelFault } from '#analysis/kernel-fault.ts';

const FAILED: Failure<string> = {
  failureClass: 'TIMEOUT',
  errorType: 'Job',
  errorMessage: 'login-action timed out after 119 seconds on rpi4-01',
  step: { name: 'login-action', line: 812 },
  hostnames: ['rpi4-01'],
  faults: [],
};
const PANIC: KernelFault = {
  ...{ type: 'PANIC', summary: 'VFS: no root', functions: ['mount_root'], firstLine: 40, lastLine: 52, count: 1 },
  ...{ isFatal: true, signature: 'ab' },
};
const only = (failure: Failure<string>) => fingerprintsOf(failure).map(({ fingerprint }) => fingerprint);

test('the same failure on another board, in another place of the log, after another time is the same', () => {
  const other = {
    ...FAILED,
    errorMessage: 'login-action timed out after 300 seconds on imx8-7',
    step: { name: 'login-action', line: 9 },
    hostnames: ['imx8-7'],
  };
  expect(only(other)).toEqual(only(FAILED));
});

test('another step, message, type or class is another failure', () => {
  const all = [
    FAILED,
    { ...FAILED, step: { name: 'boot', line: 812 } },
    { ...FAILED, errorMessage: 'no such file' },
    { ...FAILED, errorType: 'Infrastructure' },
    { ...FAILED, failureClass: 'INFRASTRUCTURE' },
  ].flatMap(only);
  expect(new Set(all).size).toBe(5);
});

test('a kernel that died explains the job: where it was noticed makes no group of its own', () => {
  expect(fingerprintsOf({ ...FAILED, faults: [PANIC] })).toMatchObject([
    { kind: 'KERNEL_FAULT', failureClass: 'TEST', title: 'panic: VFS: no root in mount_root', line: 40 },
  ]);
});

test('the lab’s fault stays the lab’s, whatever the kernel said', () => {
  const kinds = fingerprintsOf({ ...FAILED, failureClass: 'INFRASTRUCTURE', faults: [PANIC] });
  expect(kinds.map(({ kind, failureClass }) => [kind, failureClass])).toEqual([
    ['KERNEL_FAULT', 'TEST'],
    ['JOB', 'INFRASTRUCTURE'],
  ]);
});

test('a warning explains nothing, and a job that ended well or was canceled has no group of its own', () => {
  const warning = { ...PANIC, type: 'WARNING' as const, isFatal: false };
  expect(fingerprintsOf({ ...FAILED, faults: [warning] })).toHaveLength(2);
  expect(fingerprintsOf({ ...FAILED, failureClass: 'NONE', faults: [warning] })).toHaveLength(1);
  expect(fingerprintsOf({ ...FAILED, failureClass: 'CANCELED' })).toEqual([]);
});

test('why says what is the same in words, and first what tells it from failures of the same title', () => {
  const elsewhere = { ...FAILED, step: { name: 'boot', line: 812 } };
  const [one, other] = [FAILED, elsewhere].flatMap(fingerprintsOf);
  expect(one?.title).toBe(other?.title);
  expect(one?.why).toBe(
    'Step login-action, error type Job: these jobs ended with the same message once boards, numbers, times and addresses are left out.',
  );
  expect(other?.why).toMatch(/^Step boot, /);
  const [panic] = fingerprintsOf({ ...FAILED, faults: [{ ...PANIC, functions: ['mount_root', 'kernel_init'] }] });
  expect(panic?.why).toMatch(/^Innermost functions mount_root, kernel_init: the kernel said the same/);
});

test('the failing step is the innermost of the last try, and neither the job nor what follows a failure', () => {
  const step = (name: string, result: string, endLogLine: number) => ({ name, result, startLogLine: 1, endLogLine });
  const tries = [step('validate', 'PASS', 1), step('uboot-retry', 'FAIL', 5), step('deploy', 'PASS', 6)];
  const last = [step('login-action', 'FAIL', 9), step('auto-login', 'FAIL', 10), step('power-off', 'PASS', 11)];
  expect(failingStep([...tries, ...last, step('job', 'FAIL', 12)])).toEqual({ name: 'login-action', line: 9 });
  expect(failingStep([step('job', 'FAIL', 12)])).toBeNull();
});
