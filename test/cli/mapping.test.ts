/** `basalt mapping try`, as an admin runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { olderJobs } from '../store/older/jobs.ts';
import { fileIn, temporaryFolder, temporaryWriter, write } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

test('it says what rules of a file would make of the jobs, and that one matches nothing', async () => {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha'], fileIn(folder));
  for (const change of olderJobs()) await write(writer, 'alpha', change);
  await writer.store.close();
  const file = join(folder, 'rules.yaml');
  const run = async (text: string) => {
    writeFileSync(file, text);
    const child = spawn(process.execPath, [entry, 'mapping', 'try', file], {
      env: { ...process.env, BASALT_CONFIG: '', BASALT_DATA: folder },
      cwd: folder,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said };
  };

  const all = 'projects: [{ slug: all, match: { git-tree: "*" }, build: "{git-describe}" }]\n';
  expect(await run(all)).toEqual({
    code: 0,
    said: '8 of 8 jobs matched, 8 would move to another build\n  rule 1: 8, matches everything\n  all: 8 jobs in 8 builds\n',
  });
  const none = 'projects: [{ slug: x, match: { team: red }, build: "{git-describe}" }]\n';
  expect(await run(none)).toEqual({
    code: 1,
    said: '8 of 8 jobs matched, 0 would move to another build\n  rule 1: 0, matches nothing\n  known rule 2: 8, matches everything\n  mainline: 8 jobs in 8 builds\n',
  });
  const { code, said } = await run('projects:\n  - slug: x\n    built: "{y}"\n');
  expect(code).toBe(78);
  expect(said).toContain('rules.yaml:3: projects.0.built: nobody knows this key');
});
