/** `basalt verdict` and `basalt wait`, as a script runs them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileIn, temporaryFolder, temporaryWriter } from '../store/temporary.ts';
import { BUILDS, writeBuild } from '../store/verdict-build.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

async function archive() {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha', 'beta'], fileIn(folder));
  await writeBuild(writer, BUILDS);
  await writer.store.close();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  file('basalt.yaml', 'policies:\n  p: { required: [{ suite: smoke }] }\n');
  const basalt = async (...args: string[]) => {
    const env = { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder };
    const child = spawn(process.execPath, [entry, ...args], { env });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said };
  };
  return { basalt, file };
}

test('the code is the verdict, by the policy of a file or of the configuration', async () => {
  const { basalt, file } = await archive();
  const policy = ['--policy', file('every.yaml', 'labs: 1\n')];
  const codeOf = async (build: string, ...more: string[]) =>
    (await basalt('verdict', '--project', 'p', '--build', build, ...more)).code;

  expect(await codeOf('v0', ...policy)).toBe(0);
  expect(await codeOf('fails', ...policy)).toBe(1);
  expect(await codeOf('fails')).toBe(0);
  expect(await codeOf('lost')).toBe(2);
  expect(await codeOf('waits')).toBe(3);
});

test('whatever keeps a verdict from being found is 125, and is said', async () => {
  const { basalt, file } = await archive();
  const of = ['--project', 'p', '--build'];
  expect(await basalt('verdict', ...of, 'v9')).toEqual({ code: 125, said: 'there is no build v9 of p here\n' });
  expect((await basalt('verdict', '--project', 'p')).code).toBe(125);
  const wrong = file('wrong.yaml', 'required:\n  - suite: smoke\n    devices: [qemu]\nlabs: none\n');
  const { code, said } = await basalt('verdict', ...of, 'v0', '--policy', wrong);
  expect(code).toBe(125);
  expect(said).toContain('wrong.yaml:3: required.0.devices: nobody knows this key');
  expect(said).toContain('wrong.yaml:4: labs: ');
  expect((await basalt('wait', ...of, 'v0', '--timeout', 'soon')).said).toBe(
    '"soon" is no time: write 90s, 30m or 2h\n',
  );
});

test('it explains every required suite, and names the tests that fail with what each lab says', async () => {
  const { basalt, file } = await archive();
  const policy = file('ltp.yaml', 'required: [{ suite: ltp }]\n');
  const { said } = await basalt('verdict', '--project', 'p', '--build', 'fails', '--policy', policy, '--explain');
  expect(
    said,
  ).toBe(`FAIL: All required suites passed on 0 of 2 device types; qemu failed; x15 did not run by the lab's fault.
FAIL  ltp on qemu: 1 test fails
    fork01: alpha FAIL, beta PASS
INFRASTRUCTURE  ltp on x15: 1 job that was to run it failed by the lab's fault
`);
});

test('it waits no longer than it is told, and not at all for what has ended', async () => {
  const { basalt } = await archive();
  const wait = (build: string) => basalt('wait', '--project', 'p', '--build', build, '--timeout', '1s');
  expect((await wait('v0')).code).toBe(0);
  expect((await wait('waits')).code).toBe(3);
  expect(await wait('v9')).toEqual({ code: 125, said: 'there is no build v9 of p here\n' });
});
