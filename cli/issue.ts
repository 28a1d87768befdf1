/** `basalt issue try`: what the rule of a known issue would match, before somebody saves it. */
import { compileRule } from '#analysis/compile-rule.ts';
import { trialSentence } from '#analysis/trial-sentence.ts';
import { tryKnownIssue } from '#store/try-known-issue.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import { withStore } from './with-store.ts';

export type IssueOptions = {
  source?: string;
  project?: string;
  deviceType?: string;
  suite?: string;
  test?: string;
  error?: string;
  log?: string;
};

/** @throws CommandFailure for a pattern that is none, with its place. */
export async function tryIssue(config: Config, options: IssueOptions): Promise<number> {
  const { source = null, project = null, deviceType = null, suite = null, test = null } = options;
  const parts = { source, project, deviceType, suite, name: test, expiresAt: null };
  const { rule, problems } = compileRule({
    ...parts,
    errorPattern: options.error ?? null,
    logPattern: options.log ?? null,
  });
  if (!rule) throw new CommandFailure(EXIT.usage, problems.map(({ message }) => message).join('\n'));
  const now = Date.now() * 1000;
  const trial = await withStore(config, 'read', (store) => tryKnownIssue(store, { kind: 'everything' }, rule, now));
  const lines = [trialSentence(trial)];
  for (const { job, cases, line } of trial.first) {
    const what = cases > 0 ? `, ${cases} failed ${cases === 1 ? 'test' : 'tests'}` : '';
    lines.push(`  ${job.slug}/${job.externalId}${what}${line === null ? '' : `, line ${line} of its log`}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return trial.jobs === 0 || trial.matchesEverything ? EXIT.findings : EXIT.ok;
}
