import { expect, test } from 'vitest';
import { phasesOf } from '../../frontend/features/job/phases.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 5, 1) + seconds * 1000).toISOString();
const step = (name: string, level: string | null, end: number) => ({
  name,
  loggedAt: at(end),
  metadata: level && { level },
});

const TIMES = { submitTime: at(0), startTime: at(60), endTime: at(1000) };
const brief = (spans: ReturnType<typeof phasesOf>) => spans.map(({ name, seconds }) => [name, seconds]);

test('steps divide the run into deploy, boot and test', () => {
  const steps = [
    step('http-download', '1.1', 100),
    step('test-overlay', '1.3.2', 120),
    step('power-off', '2.1', 150),
    step('auto-login-action', '2.4.5', 200),
    step('job', null, 1000),
  ];
  expect(brief(phasesOf(TIMES, steps))).toEqual([
    ['queued', 60],
    ['deploy', 60],
    ['boot', 80],
    ['test', 800],
  ]);
});

test('without steps the run is one stretch', () => {
  expect(brief(phasesOf(TIMES, []))).toEqual([
    ['queued', 60],
    ['run', 940],
  ]);
});

test('a job that never started was queued until it ended', () => {
  expect(brief(phasesOf({ ...TIMES, startTime: null }, []))).toEqual([['queued', 1000]]);
});

test('a running job lasts until now, and nothing is negative', () => {
  const spans = phasesOf({ ...TIMES, endTime: null }, [step('http-download', '1', 50)], at(90));
  expect(brief(spans)).toEqual([
    ['queued', 60],
    ['run', 30],
  ]);
});

test('the stretches add up to the whole life', () => {
  const steps = [
    step('deploy', '1', 300),
    step('login-action', '2', 200),
    step('login-action', '4', 900),
    step('x', '7', 5000),
  ];
  expect(phasesOf(TIMES, steps).reduce((sum, { seconds }) => sum + seconds, 0)).toBe(1000);
});
