/** Builds the pages unless the last build is of the same sources. `node cli/build.ts --force` builds anyway. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const stampFile = join(root, 'frontend/.next/basalt-build');

function stamp(): string {
  const hash = createHash('sha256');
  const files = [
    'package-lock.json',
    ...globSync('frontend/**/*.{ts,tsx,css,mjs,json,graphql,svg,woff2}', {
      cwd: root,
      exclude: ['frontend/.next/**', 'frontend/next-env.d.ts'],
    }),
  ];
  for (const file of files.sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function builtStamp(): string | null {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return null;
  }
}

const wanted = stamp();
if (process.argv.includes('--force') || builtStamp() !== wanted) {
  process.stderr.write('Building the pages (once; about half a minute) ...\n');
  const run = spawnSync(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'build', 'frontend'], {
    cwd: root,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    process.stderr.write(`${run.stdout}${run.stderr}\nThe pages could not be built.\n`);
    process.exit(70);
  }
  writeFileSync(stampFile, stamp());
}
