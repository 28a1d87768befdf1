/** The product against three real LAVA masters. Root on Debian 12; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { churnAndCompare } from './churn.ts';
import { compareWithMasters } from './compare.ts';
import { killAndCompare } from './kill.ts';
import { manyAndCompare } from './many.ts';
import { lab, startMasters } from './masters.ts';
import { createProduct } from './product.ts';
import { fallsSilent, showsUp } from './watch.ts';

const step = async <T>(name: string, body: () => Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await body();
  process.stdout.write(
    `ok  ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)${typeof result === 'string' ? `: ${result}` : ''}\n`,
  );
  return result;
};

const folder = mkdtempSync(join(tmpdir(), 'basalt-lab-'));
let failed: unknown = null;
try {
  const masters = await step('three real masters', () =>
    startMasters(
      '--no-worker',
      '--jobs',
      '48',
      '--builds',
      '4',
      '--cases-per-job',
      '40',
      '--days',
      '6',
      '--until',
      'now',
    ),
  );
  const product = createProduct(masters, join(folder, 'data'));
  await step('first sync', () => product.run('sync', '--once'));
  await step('audit: 0 missing, 0 changed', async () => {
    const out = await product.run('audit');
    if (out.match(/: 0 missing, 0 changed, 0 only here/g)?.length !== 3) throw new Error(out);
  });
  await step('a second sync writes nothing', async () => {
    const out = await product.run('sync', '--once');
    if (out.match(/ 0 written, 0 quarantined/g)?.length !== 3) throw new Error(out);
  });
  await step('20 times kill -9, then the same tables', () =>
    killAndCompare(masters, join(folder, 'data'), join(folder, 'killed')),
  );
  await step('a rebuild of derived tables finds 0 differences', async () => {
    const out = await product.run('doctor', '--rebuild');
    if (!out.includes('derived tables: 0 differences')) throw new Error(out);
  });
  const server = await step('serving', () => product.serve());
  try {
    await step('GraphQL says what the masters say', () => compareWithMasters(masters, server));
    await step('two ingesters and two servers on PostgreSQL, killed in turn for five minutes: the same tables', () =>
      manyAndCompare(masters, folder),
    );
    await step(
      'two minutes of churn with faults and kill -9: after quiet, what the databases of the masters hold',
      () => churnAndCompare(masters, folder, { seconds: 120, seed: Date.now() % 1_000_000 }),
    );
    await step('alpha gets its scheduler and a worker', () => startMasters('--no-seed'));
    await step('a real QEMU job shows up', () => showsUp(server));
    await step('a silent lab', () => fallsSilent(server));
  } finally {
    await server.stop();
  }
} catch (cause) {
  failed = cause;
} finally {
  await lab('down', '--purge');
  rmSync(folder, { recursive: true, force: true });
}
if (failed) {
  process.stderr.write(`FAILED: ${inspect(failed)}\n`);
  process.exitCode = 1;
}
