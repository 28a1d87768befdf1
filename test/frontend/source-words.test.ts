import { expect, test } from 'vitest';
import { auditInWords } from '../../frontend/features/source/audit-words.ts';
import { queueInWords } from '../../frontend/features/source/queue-words.ts';
import { alikeInARow, runInWords } from '../../frontend/features/source/run-words.ts';
import { slowdownInWords } from '../../frontend/features/source/slowdown-words.ts';
import { queryOf, readView, variablesOf } from '../../frontend/features/source/sync-view.ts';

const run = {
  ...({ trigger: 'SCHEDULE', state: 'succeeded', jobsRead: 3, jobsWritten: 2, rejected: 0, error: null } as const),
  ...{ startedAt: '2026-06-01T00:00:00Z', endedAt: '2026-06-01T00:00:02.5Z' },
};

test('a run says what it did, or why it did not', () => {
  const say = (more: object) => runInWords({ ...run, ...more });
  expect(say({})).toBe('Sync: 2 jobs written in 2.5 s');
  expect(say({ jobsWritten: 0, rejected: 1 })).toBe('Sync: nothing new, 1 record quarantined in 2.5 s');
  expect(say({ trigger: 'RECONCILE', jobsWritten: 0 })).toBe('Audit: nothing to read again in 2.5 s');
  expect(say({ trigger: 'RECONCILE', jobsWritten: 1 })).toBe('Audit: 1 job read again in 2.5 s');
  expect(say({ trigger: 'BACKFILL', state: 'running', endedAt: null })).toBe('History is running: 3 jobs read so far');
  expect(say({ trigger: 'BACKFILL', state: 'aborted', endedAt: '2026-06-01T02:14:00Z' })).toBe(
    'History was stopped: 2 jobs written in 2 h 14 min',
  );
  expect(say({ state: 'failed', error: 'lab: HTTP 500', jobsWritten: 0 })).toBe('Sync failed: lab: HTTP 500');
  expect(say({ state: 'failed', error: null })).toBe('Sync failed: no reason kept; 2 jobs had been written');
});

test('only runs that failed alike one after another are one line', () => {
  const of = (state: string, error: string | null = null) => ({ ...run, state, error });
  const runs = [
    of('failed', 'a'),
    of('failed', 'a'),
    of('failed', 'b'),
    of('succeeded'),
    of('succeeded'),
    of('failed', 'b'),
  ];
  expect(alikeInARow(runs).map((alike) => alike.length)).toEqual([2, 1, 1, 1, 1]);
  expect(alikeInARow(runs).flat()).toEqual(runs);
});

test('an audit is an equation, and what is wrong with it', () => {
  const audit = { sourceCount: 12_431, storeCount: 12_434, goneAtSource: 3, missing: [], changed: [], alarm: null };
  expect(auditInWords(audit)).toEqual({ equation: '12,431 = 12,431', trouble: null });
  const many = Array.from({ length: 100 }, (_, i) => String(i));
  expect(auditInWords({ ...audit, storeCount: 12_333, missing: many, changed: ['7'], alarm: 'odd' })).toEqual({
    equation: '12,431 ≠ 12,330',
    trouble: 'alarm, 100 or more missing, 1 differ',
  });
});

test('the address of a sync page says what it shows, and nothing that is as usual', () => {
  const usual = readView({});
  expect(usual).toMatchObject({ hours: 24, runs: 'notable', isOdd: false });
  expect(Object.values(queryOf(usual)).filter((value) => value !== undefined)).toEqual([]);
  const view = readView({ span: '7d', runs: 'faults', days: 'odd', runsBefore: 'x', daysAfter: 'y' });
  expect(readView(queryOf(view))).toEqual(view);
  expect(readView({ span: '9d', runs: 'toString', days: 'even' })).toEqual(usual);
  const { runs, ...variables } = variablesOf('lab', view);
  expect(runs).toEqual({ states: ['failed', 'aborted'] });
  expect(variables).toMatchObject({
    slug: 'lab',
    hours: 168,
    days: { isOdd: true },
    runsLast: 30,
    runsBefore: 'x',
    daysFirst: 20,
    daysAfter: 'y',
  });
});

test('a slow master is told of in times its usual time', () => {
  expect(slowdownInWords(null)).toBeNull();
  expect([3.04, 12.4].map(slowdownInWords)).toEqual(
    ['3.0', '12'].map(
      (times) => `It takes ${times} times its usual time to answer, so it is asked one thing at a time, with rests.`,
    ),
  );
});

test('a queue that is not known is never said to be empty', () => {
  const of = (name: string, jobCount: number) => ({ jobCount, deviceType: { name } });
  expect(queueInWords(null)).toMatch(/^Queue: not known\./);
  expect(queueInWords({ jobCount: 0, deviceTypes: [] })).toBe('Queue: no job waits for a device.');
  expect(queueInWords({ jobCount: 1, deviceTypes: [of('qemu', 1)] })).toBe('Queue: 1 job waiting (qemu 1).');
  const many = Array.from({ length: 13 }, (_, i) => of(`t${i}`, 100));
  expect(queueInWords({ jobCount: 1300, deviceTypes: many })).toMatch(
    /^Queue: 1,300 jobs waiting \(t0 100, .*t11 100, …\)\.$/,
  );
});
