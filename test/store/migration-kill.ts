/** Kills a migration at each of its statements. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from './temporary.ts';

const SEPARATOR = '--> statement-breakpoint';

export type Step = { file: string; statement: number };

/** Every statement of the migrations after the one with the number. */
export function stepsAfter(migrations: string, done: number): Step[] {
  return readdirSync(migrations)
    .filter((file) => file.endsWith('.sql') && Number.parseInt(file, 10) > done)
    .sort()
    .flatMap((file) =>
      readFileSync(join(migrations, file), 'utf8')
        .split(SEPARATOR)
        .map((_, statement) => ({ file, statement })),
    );
}

/** All of the newest migration; of each before it, which was tried whole when it was the newest, the ends. */
export function worthTrying(steps: readonly Step[]): Step[] {
  const byFile = [...Map.groupBy(steps, ({ file }) => file).values()];
  const ends = (all: readonly Step[]) => [...new Set([all[0], all.at(-1)])].filter((step) => step !== undefined);
  return byFile.flatMap((all, i) => (i === byFile.length - 1 ? all : ends(all)));
}

/** The migrations with one that never ends after the step's statement. */
function stuckAfter(migrations: string, { file, statement }: Step, endless: string): string {
  const folder = temporaryFolder();
  cpSync(migrations, folder, { recursive: true });
  const statements = readFileSync(join(folder, file), 'utf8').split(SEPARATOR);
  statements.splice(statement + 1, 0, `\n${endless};`);
  writeFileSync(join(folder, file), statements.join(SEPARATOR));
  return folder;
}

/** Begins to migrate, and is killed with -9 when the step is done and the next is not begun. */
export async function killAfter(url: string, migrations: string, step: Step, endless: string): Promise<void> {
  const script = join(import.meta.dirname, 'migrate.ts');
  const child = spawn(process.execPath, [script, url, stuckAfter(migrations, step, endless)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  await sleep(120);
  if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} at ${step.file} ${step.statement}`);
  child.kill('SIGKILL');
  await exit;
}
