/** `basalt mapping try`: what mapping rules would make of the jobs that are stored. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ProjectConfig } from '#ingest/config.ts';
import { inForce, readKeptRules } from '#store/mapping-rules.ts';
import { type MappingTrial, tryMapping } from '#store/mapping-trial.ts';
import { type Config, toRules } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import { withStore } from './with-store.ts';
import { ConfigError, readYaml } from './yaml-file.ts';

const File = z.strictObject({ projects: z.array(ProjectConfig).min(1, 'write a rule at least') });
/** Of projects, and of what is lacking. */
const LISTED = 20;

/**
 * Rules of a file, or else of the configuration; after them those that are kept in the store, and those that are known by
 * themselves.
 */
export async function tryMappingFile(config: Config, file: string | null, jobs: string): Promise<number> {
  const limit = /^[1-9]\d{0,8}$/.test(jobs) ? Number(jobs) : Number.NaN;
  if (Number.isNaN(limit)) throw new CommandFailure(EXIT.usage, `"${jobs}" is no number of jobs`);
  const rules = file === null ? config.rules : toRules(readYaml(read(file), file, File).data.projects);
  const [trial, kept] = await withStore(config, 'read', async (store) => {
    const kept = (await readKeptRules(store.sql)).rules;
    return [await tryMapping(store, { kind: 'everything' }, inForce(rules, kept), limit), kept.length] as const;
  });
  const own = rules.length + kept;
  process.stdout.write(`${describe(trial, rules.length, own).join('\n')}\n`);
  return trial.jobs > 0 && trial.byRule.slice(0, own).some((n) => n === 0) ? EXIT.findings : EXIT.ok;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ConfigError([`${file}: cannot be read (${code})`]);
  }
}

function describe(
  { jobs, isWhole, matched, moved, byRule, unmatched, projects }: MappingTrial,
  inFile: number,
  own: number,
): string[] {
  const number = (n: number) => n.toLocaleString('en');
  const which = isWhole ? `${number(jobs)} jobs` : `the newest ${number(jobs)} jobs`;
  const lines = [`${number(matched)} of ${which} matched, ${number(moved)} would move to another build`];
  for (const [i, n] of byRule.entries()) {
    const name =
      i < inFile ? `rule ${i + 1}` : i < own ? `rule ${i - inFile + 1} of the page` : `known rule ${i - own + 1}`;
    if (i < own || n > 0)
      lines.push(`  ${name}: ${number(n)}${n === 0 ? ', matches nothing' : n === jobs ? ', matches everything' : ''}`);
  }
  for (const { project, builds, jobs } of projects.slice(0, LISTED))
    lines.push(`  ${project}: ${number(jobs)} jobs in ${number(builds)} builds`);
  if (projects.length > LISTED) lines.push(`  and ${number(projects.length - LISTED)} more projects`);
  for (const { lacks, jobs, example } of unmatched.slice(0, LISTED))
    lines.push(`  ${number(jobs)} lack ${lacks.join(', ')}, for example ${example.source}/${example.externalId}`);
  return lines;
}
