/** `basalt build pin`, `unpin`, `pins`. */
import { type BuildName, listPins, pinBuild, unpinBuild } from '#store/pin.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { withStore, withWriter } from './with-store.ts';

export async function pin(config: Config, build: BuildName, because: string | null): Promise<number> {
  await withWriter(config, (writer) => pinBuild(writer, build, because, Date.now() * 1000));
  process.stdout.write(`${build.project} ${build.version}: pinned; retention deletes nothing of it\n`);
  return EXIT.ok;
}

export async function unpin(config: Config, build: BuildName): Promise<number> {
  await withWriter(config, (writer) => unpinBuild(writer, build));
  process.stdout.write(`${build.project} ${build.version}: not pinned; retention treats it like any other\n`);
  return EXIT.ok;
}

export async function pins(config: Config): Promise<number> {
  const all = await withStore(config, 'read', listPins);
  if (all.length === 0) process.stdout.write('no build is pinned\n');
  for (const { project, version, branch, pinnedAt, because } of all) {
    const since = new Date(pinnedAt / 1000).toISOString().slice(0, 10);
    const on = branch === '' ? '' : ` on ${branch}`;
    process.stdout.write(`${project} ${version}${on}: since ${since}${because === null ? '' : `, ${because}`}\n`);
  }
  return EXIT.ok;
}
