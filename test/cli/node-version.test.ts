import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

test('an older Node gets one sentence and 78', () => {
  const older = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && major(path) < 24);
  const run = older
    ? spawnSync(older, [entry, '--version'], { encoding: 'utf8' })
    : spawnSync(
        process.execPath,
        [
          '--import',
          'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})',
          entry,
          '--version',
        ],
        {
          encoding: 'utf8',
        },
      );

  expect(run.status).toBe(78);
  expect(run.stderr).toMatch(/^Basalt needs Node 24 and this is Node \d+\.[\d.]+: run it through npm [^\n]*\n$/);
});

function major(path: string): number {
  return Number(spawnSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout);
}

test('Node 24 runs the command', () => {
  const run = spawnSync(process.execPath, [entry, '--version'], { encoding: 'utf8' });

  expect(run.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(run.status).toBe(0);
});
