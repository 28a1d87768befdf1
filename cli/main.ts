/** The command line. Every command ends with a code of exit-code.ts. */
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { InvalidInput, NotFound, StoreDamaged, StoreInUse, StoreUnavailable } from '#store/error.ts';
import { isDiskFull } from '#store/room.ts';
import type { AuditOptions } from './audit.ts';
import { loadConfig } from './config.ts';
import { addEval } from './eval/commands.ts';
import { EXIT, VERDICT_EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import type { IngestEvents } from './ingest.ts';
import type { IssueOptions } from './issue.ts';
import { createLogger } from './log.ts';
import { addRemote } from './remote/commands.ts';
import type { SinceOptions } from './remote/export.ts';
import type { CopyOptions } from './store-copy.ts';
import { untilStopped } from './until-stopped.ts';
import type { VerdictOptions, WaitOptions } from './verdict.ts';
import { VERSION } from './version.ts';
import { ConfigError } from './yaml-file.ts';

/** @throws CommandFailure where the certificates of masters, whom tokens are sent to, would not be checked. */
function refuseOpenTls({ NODE_TLS_REJECT_UNAUTHORIZED: said }: NodeJS.ProcessEnv): void {
  if (said !== '0') return;
  throw new CommandFailure(
    EXIT.config,
    'NODE_TLS_REJECT_UNAUTHORIZED=0 makes Node believe every certificate, and tokens would go to whoever answers: unset it, and name the authority of a master by "ca:" of its source',
  );
}

export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('basalt')
    .description('One page, one archive and one API for the results of many LAVA masters.')
    .version(VERSION)
    .option('-c, --config <file>', 'configuration (default: BASALT_CONFIG, else basalt.yaml)')
    .exitOverride();
  const config = () => {
    refuseOpenTls(process.env);
    return loadConfig(process.env, { path: program.opts<{ config?: string }>().config });
  };
  const run = (command: () => Promise<number>) => async () => {
    code = await command();
  };

  program
    .command('serve', { isDefault: true })
    .option('--no-ingest', 'only serve: others read the sources into the store')
    .description('serve pages and API, and read the sources by their schedule')
    .action(async (options: { ingest: boolean }) => {
      const settings = config();
      const { startServer } = await import('./serve.ts');
      const log = createLogger(settings.logLevel);
      const events: IngestEvents = new EventEmitter();
      const running = await startServer(settings, log, events, options);
      process.stdout.write(`Basalt ${VERSION} is ready at ${running.url}\n${running.invitation ?? ''}`);
      code = await untilStopped(running, log);
    });
  program
    .command('ingest')
    .description('read the sources by their schedule, without pages and API')
    .action(
      run(async () => {
        const settings = config();
        const { startIngest } = await import('./ingest.ts');
        const log = createLogger(settings.logLevel);
        const events: IngestEvents = new EventEmitter();
        const ingest = await startIngest(settings, events);
        process.stdout.write(`Basalt ${VERSION} reads ${settings.sources.length} sources\n`);
        return untilStopped({ broken: ingest.broken, close: () => ingest.stop() }, log);
      }),
    );
  program
    .command('agent')
    .option('--once', 'read and push what is new, and end')
    .description('in a lab behind a firewall: read its masters, and push what is read outwards to a Basalt')
    .action(async (options: { once?: true }) => {
      const settings = config();
      const { runAgentOnce, startAgent } = await import('./agent.ts');
      const log = createLogger(settings.logLevel);
      if (options.once) {
        code = await runAgentOnce(settings, log);
        return;
      }
      code = await untilStopped(await startAgent(settings, log), log);
    });
  program
    .command('sync')
    .argument('[source]', 'slug; without it every source')
    .option('--once', 'read what is new and end (the default, and for scripts)')
    .description('read what is new on the masters into the store')
    .action(async (source?: string) => {
      const { sync } = await import('./sync.ts');
      code = await sync(config(), source ?? null);
    });
  program
    .command('audit')
    .argument('[source]', 'slug; without it every source')
    .option('--no-repair', 'only look: read nothing again')
    .option('--accept-deletions', 'after an alarm: many jobs were deleted on the master, and that is right')
    .option('--safe-to-delete', 'list, as CSV, the jobs that the masters may delete; asks the masters nothing')
    .option('--older-than <days>', 'with --safe-to-delete: that ended so long ago, for example 30d')
    .description('compare what the masters hold with what is stored, and read again what is missing or differs')
    .action(async (source: string | undefined, options: AuditOptions & { safeToDelete?: true; olderThan?: string }) => {
      const { audit } = await import('./audit.ts');
      const { safeToDelete } = await import('./safe-to-delete.ts');
      code = options.safeToDelete
        ? await safeToDelete(config(), source ?? null, options.olderThan ?? '')
        : await audit(config(), source ?? null, options);
    });
  program
    .command('migrate')
    .description('bring the store to this version')
    .action(
      run(async () => {
        const { migrate } = await import('./migrate.ts');
        return migrate(config());
      }),
    );
  program
    .command('doctor')
    .option('--rebuild', 'compare histories, transitions and sums with the facts, and mend what differs')
    .description('check configuration, store, logs and sources, and say what to do')
    .action(async (options: { rebuild?: boolean }) => {
      const command = options.rebuild
        ? (await import('./rebuild.ts')).rebuildStore
        : (await import('./doctor.ts')).doctor;
      code = await command(config());
    });
  program
    .command('export')
    .argument('[filter...]', 'NAME=VALUE as in the address of an export: project=linux build=v6.12 result=FAIL')
    .option('--format <name>', 'ndjson, csv, junit or parquet; a file that ends in .csv, .xml or .parquet is that')
    .option('-o, --output <file>', 'appears once it is whole; standard output without it')
    .option('--since <when>', 'of a server: append to the file what changed since @last, or at first since a day')
    .option('--url <url>', 'of the server (default: BASALT_URL, else where one has logged in); with --since')
    .description('write results of the store as lines of text, or append those of a server')
    .action(async (filter: string[], options: SinceOptions) => {
      if (options.since !== undefined || options.url !== undefined) {
        const { exportSince } = await import('./remote/export.ts');
        code = await exportSince(process.env, options, filter);
        return;
      }
      const { exportStore } = await import('./export.ts');
      code = await exportStore(config(), options, filter);
    });
  program
    .command('mapping')
    .description('rules by which jobs belong to builds')
    .command('try')
    .argument('[file]', 'YAML with projects: as in the configuration; without it the rules of the configuration')
    .option('--jobs <n>', 'look at so many, the newest', '10000')
    .description('say what rules would make of the jobs that are stored; nothing is changed')
    .action(async (file: string | undefined, { jobs }: { jobs: string }) => {
      const { tryMappingFile } = await import('./mapping.ts');
      code = await tryMappingFile(config(), file ?? null, jobs);
    });
  const ofBuild = (name: string) =>
    program
      .command(name)
      .requiredOption('--project <slug>')
      .requiredOption('--build <version>')
      .option('--branch <name>', 'of several branches with the version')
      .option(
        '--policy <file>',
        "what it must do to pass; without it the project's of the configuration, or every suite",
      )
      .option('--explain', 'say what came of each required suite, and which tests fail');
  ofBuild('verdict')
    .description('say whether a build passes: code 0, fails 1, infrastructure 2, incomplete 3, cannot tell 125')
    .action(async (options: VerdictOptions) => {
      const { tellVerdict } = await import('./verdict.ts');
      code = await tellVerdict(config(), options);
    });
  ofBuild('wait')
    .option('--timeout <time>', '90s, 30m or 2h', '2h')
    .description('wait until the jobs of a build have finished, then as verdict')
    .action(async (options: WaitOptions) => {
      const { waitForVerdict } = await import('./verdict.ts');
      code = await waitForVerdict(config(), options);
    });
  program
    .command('issue')
    .description('look after known issues')
    .command('try')
    .option('--source <slug>', 'of this source')
    .option('--project <slug>', 'of this project')
    .option('--device-type <name>', 'on these device types; a star stands for any characters')
    .option('--suite <name>', 'failed tests of these suites; a star stands for any characters')
    .option('--test <name>', 'failed tests of these names, with their sets: net/ping')
    .option('--error <pattern>', 'whose error message has this (RE2)')
    .option('--log <pattern>', 'whose log has a line with this (RE2)')
    .description('say what a known issue would match among the failures of 30 days; changes nothing')
    .action(async (options: IssueOptions) => {
      const { tryIssue } = await import('./issue.ts');
      code = await tryIssue(config(), options);
    });
  const store = program.command('store').description('look after the store itself');
  store
    .command('copy')
    .argument('<from>', 'sqlite:PATH, postgres://..., or env:NAME with one of them')
    .argument('<to>', 'a store that is empty or not there yet')
    .option('--from-logs <folder>', 'logs of the first store, when they are not where they belong')
    .option('--to-logs <folder>', 'where the logs go')
    .option('--without-lost-logs', 'copy the rest when files of logs are not there any more')
    .description('copy an archive into another store, of either engine, and read it back')
    .action(async (from: string, to: string, options: CopyOptions) => {
      const { copy } = await import('./store-copy.ts');
      code = await copy(from, to, options, process.env);
    });
  program
    .command('reseal')
    .description('seal every secret of the store with the key of now: see docs/configuration.md')
    .action(
      run(async () => {
        const { resealStore } = await import('./reseal.ts');
        return resealStore(config());
      }),
    );
  const retention = program.command('retention').description('delete what has been kept long enough');
  retention
    .command('plan')
    .argument('[source]', 'slug; without it every source')
    .description('say what would be deleted now, with rows and bytes, and delete nothing')
    .action(async (source?: string) => {
      const { plan } = await import('./retention.ts');
      code = await plan(config(), source ?? null);
    });
  retention
    .command('apply')
    .argument('[source]', 'slug; without it every source')
    .option(
      '--compact',
      'write the whole store anew, so that all free room goes back to the disk; reading waits meanwhile',
    )
    .description('delete what the plan says; a running ingester does it once a day by itself')
    .action(async (source: string | undefined, options: { compact?: boolean }) => {
      const { apply } = await import('./retention.ts');
      code = await apply(config(), source ?? null, options);
    });
  const build = program.command('build').description('builds that retention leaves alone');
  build
    .command('pin')
    .argument('<project>')
    .argument('<version>')
    .option('--branch <name>', 'of several branches with the version, this one alone')
    .option('--because <text>', 'said on the page of the build')
    .description('keep everything of the build, whatever its age')
    .action(async (project: string, version: string, { because, ...of }: { branch?: string; because?: string }) => {
      const { pin } = await import('./pin.ts');
      code = await pin(config(), { project, version, ...of }, because ?? null);
    });
  build
    .command('unpin')
    .argument('<project>')
    .argument('<version>')
    .option('--branch <name>', 'of several branches with the version, this one alone')
    .description('leave the build to retention again')
    .action(async (project: string, version: string, of: { branch?: string }) => {
      const { unpin } = await import('./pin.ts');
      code = await unpin(config(), { project, version, ...of });
    });
  build
    .command('pins')
    .description('list the pinned builds')
    .action(async () => {
      const { pins } = await import('./pin.ts');
      code = await pins(config());
    });
  const quarantine = program.command('quarantine').description('what of the sources could not be understood');
  quarantine
    .command('list')
    .argument('[source]', 'slug; without it every source')
    .description('say what is kept there, and why')
    .action(async (source?: string) => {
      const { listQuarantine } = await import('./quarantine.ts');
      code = await listQuarantine(config(), source ?? null);
    });
  quarantine
    .command('show')
    .argument('<id>', 'number of the record')
    .description('print its bytes as they came, secrets struck out')
    .action(async (id: string) => {
      const { showQuarantined } = await import('./quarantine.ts');
      code = await showQuarantined(config(), id);
    });
  quarantine
    .command('replay')
    .argument('[source]', 'slug; without it every source')
    .description('read the jobs it is about again, after a fix of Basalt or of the master')
    .action(async (source?: string) => {
      const { replayQuarantine } = await import('./quarantine.ts');
      code = await replayQuarantine(config(), source ?? null);
    });
  quarantine
    .command('discard')
    .argument('<id>', 'number of the record')
    .description('delete it, bytes and all')
    .action(async (id: string) => {
      const { discardQuarantined } = await import('./quarantine.ts');
      code = await discardQuarantined(config(), id);
    });
  const end = (ended: number) => {
    code = ended;
  };
  addEval(program, config, end);
  addRemote(program, process.env, end);
  program
    .command('demo')
    .description('replay three recorded masters and serve them, with no configuration')
    .option('--still', 'everything has finished: no job arrives while you look')
    .action(async (options: { still?: boolean }) => {
      const { demo } = await import('./demo/main.ts');
      code = await demo(process.env, { still: options.still === true });
    });

  try {
    assertKnown(program, args);
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (cause) {
    const isOk = cause instanceof CommanderError && cause.exitCode === 0;
    const code = isOk ? EXIT.ok : report(cause);
    return !isOk && isVerdict(program, args) ? VERDICT_EXIT.CANNOT_TELL : code;
  }
}

/** Says what kept a command from its end; its code. */
function report(cause: unknown): number {
  // What is wrong with a command line has been said.
  if (cause instanceof CommanderError) return EXIT.usage;
  if (cause instanceof ConfigError) return fail(cause.problems, EXIT.config);
  if (cause instanceof StoreDamaged) return fail([cause.message], EXIT.damaged);
  if (cause instanceof StoreInUse || cause instanceof StoreUnavailable) return fail([cause.message], EXIT.busy);
  if (isDiskFull(cause)) return fail(['the disk of the store is full: make room, and run it again'], EXIT.busy);
  if (cause instanceof NotFound) return fail([cause.message], EXIT.usage);
  if (cause instanceof InvalidInput) return fail([cause.message], EXIT.config);
  if (cause instanceof CommandFailure) return fail([cause.message], cause.code);
  return fail([inspect(cause), 'This is a defect of Basalt: please report it.'], EXIT.internal);
}

/** Its codes are verdicts, and an error is none. */
function isVerdict(program: Command, args: readonly string[]): boolean {
  const [name] = program.parseOptions([...args]).operands;
  return name === 'verdict' || name === 'wait';
}

/** A command that is mistyped is no argument of the one that runs without a name. */
function assertKnown(program: Command, args: readonly string[]): void {
  const [name] = program.parseOptions([...args]).operands;
  const names = ['help', ...program.commands.map((command) => command.name())];
  if (name === undefined || names.includes(name)) return;
  program.error(`error: unknown command '${name}'; there are: ${names.join(', ')}`);
}

function fail(problems: readonly string[], code: number): number {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return code;
}
