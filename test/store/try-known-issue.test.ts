/** A trial of a known issue: how much of logs it reads, and what it says of the rest. */
import { expect, test } from 'vitest';
import { compileRule } from '#analysis/compile-rule.ts';
import { trialSentence } from '#analysis/trial-sentence.ts';
import { tryKnownIssue } from '#store/try-known-issue.ts';
import { addFailure, NOW, noPower, OOPS } from './failing-world.ts';
import { issueOf, TRIAGER } from './known-issues.ts';
import { temporaryWriter } from './temporary.ts';

const LINES = 12_000;
const noise = Array.from({ length: LINES }, (_, i) => `nothing to see here ${i}`);

async function world() {
  const writer = await temporaryWriter(['alpha']);
  await addFailure(writer, 'alpha', 3, noPower('a'), [...noise, ...OOPS]);
  await addFailure(writer, 'alpha', 2, noPower('b'), [...OOPS, ...noise]);
  await addFailure(writer, 'alpha', 1, noPower('c'), OOPS);
  const { rule } = compileRule(issueOf({ logPattern: 'fizz_probe' }));
  if (!rule) throw new Error('no rule');
  const tried = (limits: { jobs: number; logs: number; bytes: number }) =>
    tryKnownIssue(writer.store, TRIAGER, rule, NOW, limits);
  return { tried };
}
const MUCH = { jobs: 10, logs: 10, bytes: 1e9 };

test('what is not read of logs is counted and said, and what was found before stays', async () => {
  const { tried } = await world();
  expect(await tried(MUCH)).toMatchObject({ jobs: 3, unreadLogs: 0, moreJobs: false });

  // The first log is larger: its failure lies beyond what may be read of it, and nothing is left for the others.
  const cut = await tried({ ...MUCH, bytes: 300_000 });
  expect(cut).toMatchObject({ jobs: 0, looked: 3, unreadLogs: 3 });
  expect(trialSentence(cut)).toBe(
    'It matches nothing: none of 3 failed jobs of 30 days. Not looked at: 3 logs to the end. There may be more.',
  );
  expect(await tried({ ...MUCH, logs: 1 })).toMatchObject({ jobs: 1, unreadLogs: 2 });
  const few = await tried({ ...MUCH, jobs: 2 });
  expect(trialSentence(few)).toBe(
    '2 matches in 30 days: 2 jobs of 1 lab. It matches everything: each of 2 failed jobs that was looked at. Is it too wide? Not looked at: older failed jobs. There may be more.',
  );
});

test('a failure in the first frame costs no more than the frame, and others have their turn between frames', async () => {
  const { tried } = await world();
  let turns = 0;
  let isDone = false;
  const others = () => {
    turns += 1;
    if (!isDone) setImmediate(others);
  };
  setImmediate(others);
  expect(await tried({ ...MUCH, bytes: 2_000_000 })).toMatchObject({ jobs: 3, unreadLogs: 0 });
  isDone = true;
  expect(turns).toBeGreaterThanOrEqual(3);
});
