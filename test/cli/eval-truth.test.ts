/** `basalt eval truth` over masters whose truth is known. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileIn, temporaryFolder, temporaryWriter, write } from '../store/temporary.ts';
import { sparseLab } from './sparse-lab.ts';
import { LABS, truthLab } from './truth-lab.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const UNTIL = 1_780_272_000_000_000;

async function seeded(
  change: (truths: object[]) => object[] = (truths) => truths,
  hasJobs = true,
  { jobs, truths } = truthLab(UNTIL),
) {
  const folder = temporaryFolder();
  const writer = await temporaryWriter([...LABS], fileIn(folder));
  if (hasJobs) for (const { lab, change: job } of jobs) await write(writer, lab, job);
  await writer.store.close();
  writeFileSync(join(folder, 'basalt.yaml'), 'sources: [{ slug: alpha, url: http://127.0.0.1:9/ }]\n');
  const files = change(truths).map((truth, i) => {
    const file = join(folder, `truth-${i}.json`);
    writeFileSync(file, JSON.stringify([truth]));
    return file;
  });
  return { folder, files };
}

async function evalTruth(folder: string, files: readonly string[]) {
  const env = { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder };
  const child = spawn(process.execPath, [entry, 'eval', 'truth', ...files], { env });
  const [out, err]: string[][] = [[], []];
  child.stdout.on('data', (data) => out?.push(String(data)));
  child.stderr.on('data', (data) => err?.push(String(data)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out?.join('') ?? '', err: err?.join('') ?? '' };
}

test('what was injected is found, and nothing else', { timeout: 120_000 }, async () => {
  const { folder, files } = await seeded();

  const { code, out, err } = await evalTruth(folder, files);

  expect(err).toBe('');
  expect(out).toMatch(/^regressions: recall .*; met: 95\.0 %$/m);
  expect(out).toMatch(/^bad devices: recall 100\.0 % \(3 of 3\), precision 100\.0 % \(3 of 3\); met: 95\.0 %$/m);
  expect(out).toMatch(/^flaky tests: recall 100\.0 % \(4 of 4\), precision 100\.0 % \(4 of 4\); met: 90\.0 %$/m);
  expect(code).toBe(0);
});

test('on masters where a test has few runs and many tests are flaky regressions are told from flakes', {
  timeout: 120_000,
}, async () => {
  const sparse = sparseLab(UNTIL, { seed: 1, jobs: 1_500, flaky: 4 });
  const { folder, files } = await seeded((truths) => truths, true, sparse);

  const { out } = await evalTruth(folder, files);

  expect(out).toMatch(/^regressions: recall .*; met: 95\.0 %$/m);
  expect(out).toMatch(/^flaky tests: recall .*; met: 90\.0 %$/m);
});

test('what was not found is explained, and so is what was not injected', { timeout: 120_000 }, async () => {
  const { folder, files } = await seeded((truths) =>
    truths.map((truth, i) => ({
      ...truth,
      bad_device: { hostname: 'alpha-juno-01', from: '2026-05-25T00:00:00Z' },
      flaky: i === 0 ? { ltp: { case1: 0.2, case15: 0.31 } } : {},
      regressions: [],
    })),
  );

  const { code, out } = await evalTruth(folder, files);

  expect(code).toBe(1);
  expect(out).toMatch(/^regressions: recall 100\.0 % \(0 of 0\), precision 0\.0 % .*; NOT MET: 95\.0 %$/m);
  expect(out).toMatch(
    /^ {2}not injected: mainline ltp\/case7 on juno from v12 on: \d+ of \d+ runs fail after 0 of \d+, p = /m,
  );
  expect(out).toMatch(/^ {2}not injected: alpha\/alpha-rpi4-01: \d+ of \d+ jobs in a week, q = /m);
  expect(out).toMatch(/^ {2}not injected: ltp\/case66: \d+ flakes in \d+ runs, FLAKY$/m);
});

test('a reader that has had enough ends it quietly', { timeout: 120_000 }, async () => {
  const { folder, files } = await seeded((truths) => truths, false);
  const env = { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder };
  const child = spawn(process.execPath, [entry, 'eval', 'truth', ...files], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const errors: string[] = [];
  child.stderr.on('data', (data) => errors.push(String(data)));

  const [code] = await once(child, 'close');

  expect([0, 1]).toContain(code);
  expect(errors.join('')).toBe('');
});

test('a truth of another store, and a file that is none, are refused in words', async () => {
  const { folder, files } = await seeded((truths) => truths.map((truth) => ({ ...truth, master: 'delta' })), false);
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, '[{"master": 5}]');

  expect(await evalTruth(folder, files)).toMatchObject({
    code: 78,
    err: 'the store has no source "delta", which the truth is of\n',
  });
  expect((await evalTruth(folder, [broken])).err).toContain(`${broken}: `);
  expect((await evalTruth(folder, [join(folder, 'none.json')])).code).toBe(78);
});
