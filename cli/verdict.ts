/** `basalt verdict` and `basalt wait`: whether a build passes, as a code for scripts. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '#analysis/verdict.ts';
import { DEFAULT_POLICY, VerdictPolicy } from '#schema/verdict-policy.ts';
import type { Viewer } from '#schema/viewer.ts';
import { getBuild, getBuildTotals } from '#store/build.ts';
import { NotFound } from '#store/error.ts';
import { listMissingSuites } from '#store/missing-suite.ts';
import type { Store } from '#store/store.ts';
import { EXPECTED_FROM, getVerdict } from '#store/verdict.ts';
import type { Config } from './config.ts';
import { VERDICT_EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import { withStore } from './with-store.ts';
import { ConfigError, readYaml } from './yaml-file.ts';

export type VerdictOptions = { project: string; build: string; branch?: string; policy?: string; explain?: true };
export type WaitOptions = VerdictOptions & { timeout: string };

/** Who has the store sees all of it. */
const VIEWER: Viewer = { kind: 'everything' };
const LOOK_EVERY_MS = 10_000;
/** Failing tests of a suite that are named. */
const NAMED = 10;

/** @throws ConfigError for a policy that is not understood, with its lines. NotFound for an unknown build. */
export async function tellVerdict(config: Config, options: VerdictOptions): Promise<number> {
  const policy = policyOf(config, options);
  return withStore(config, 'read', async (store) => {
    const found = await lookFor(store, options, policy);
    if (!found) throw notFound(options);
    return tell(found.verdict, options);
  });
}

/** Waits until no job of the build is open and nothing required is missing; after the timeout the verdict is what it is. */
export async function waitForVerdict(config: Config, options: WaitOptions): Promise<number> {
  const policy = policyOf(config, options);
  const until = performance.now() + millisecondsOf(options.timeout);
  let told = '';
  while (true) {
    const found = await withStore(config, 'read', (store) => lookFor(store, options, policy));
    const isOver = performance.now() + LOOK_EVERY_MS > until;
    if (found && (isOver || (found.open === 0 && found.verdict.outcome !== 'INCOMPLETE')))
      return tell(found.verdict, options);
    if (!found && isOver) throw notFound(options);
    const state = found ? `${found.open} jobs are not finished. ${found.verdict.sentence}` : 'no job of it is here yet';
    if (state !== told) process.stderr.write(`${options.project} ${options.build}: ${state}\n`);
    told = state;
    await sleep(LOOK_EVERY_MS);
  }
}

function policyOf({ policies }: Config, { policy, project }: VerdictOptions): VerdictPolicy {
  if (policy === undefined) return policies.get(project) ?? DEFAULT_POLICY;
  let text: string;
  try {
    text = readFileSync(policy, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ConfigError([`${policy}: cannot be read (${code})`]);
  }
  return readYaml(text, policy, VerdictPolicy).data;
}

async function lookFor(store: Store, { project, build: version, branch }: VerdictOptions, policy: VerdictPolicy) {
  const build = await getBuild(store, VIEWER, project, version, branch);
  if (!build) return null;
  const totals = await getBuildTotals(store, VIEWER, [build.id]);
  const missing = await listMissingSuites(store, VIEWER, build, {}, EXPECTED_FROM);
  return {
    verdict: await getVerdict(store, VIEWER, build, policy, Date.now() * 1000, missing),
    open: totals.get(build.id)?.running ?? 0,
  };
}

function notFound({ project, build, branch }: VerdictOptions): NotFound {
  return new NotFound(`there is no build ${build} of ${project}${branch === undefined ? '' : ` on ${branch}`} here`);
}

function tell({ outcome, sentence, rows }: Verdict, { explain }: VerdictOptions): number {
  const lines = [`${outcome}: ${sentence}`];
  for (const row of explain ? rows : []) {
    lines.push(`${row.outcome}  ${row.suite} on ${row.deviceType ?? 'any device type'}: ${row.why}`);
    for (const { set, name, labs } of row.failing.slice(0, NAMED)) {
      const said = labs.map(({ slug, result }) => `${slug} ${result}`).join(', ');
      lines.push(`    ${set === null ? '' : `${set}/`}${name}: ${said}`);
    }
    if (row.failing.length > NAMED) lines.push(`    and ${row.failing.length - NAMED} more`);
    for (const { set, name, labs } of row.known.slice(0, NAMED)) {
      const said = labs.flatMap(({ slug, issue }) =>
        issue ? [`${slug} by issue ${issue.number} (${issue.title})`] : [],
      );
      lines.push(`    known: ${set === null ? '' : `${set}/`}${name} in ${said.join(', ')}`);
    }
    if (row.known.length > NAMED) lines.push(`    and ${row.known.length - NAMED} more that are known`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return VERDICT_EXIT[outcome];
}

function millisecondsOf(text: string): number {
  const [, n, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  if (n === undefined) throw new CommandFailure(VERDICT_EXIT.CANNOT_TELL, `"${text}" is no time: write 90s, 30m or 2h`);
  return Number(n) * 1000 * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
}
