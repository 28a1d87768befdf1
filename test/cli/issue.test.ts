/** `basalt issue try`, as who has the store runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { fileIn, temporaryFolder, temporaryWriter, write } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

test('it says what a rule would match and where, nothing and everything, and refuses a pattern with its place', async () => {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha'], fileIn(folder));
  const submitAt = (Date.now() - 3_600_000) * 1000;
  for (const [i, name] of ['ping', 'pong'].entries()) {
    const job = jobOf({
      externalId: String(i + 1),
      submitAt: submitAt + i,
      startAt: submitAt + i,
      endAt: submitAt + 9,
    });
    const cases = [caseOf({ externalId: i, name, result: 'FAIL' })];
    await write(writer, 'alpha', changeOf(job, [{ externalId: 1, name: '0_net', isSteps: false, cases }]));
  }
  await writer.store.close();
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [entry, 'issue', 'try', ...args], {
      env: { ...process.env, BASALT_CONFIG: '', BASALT_DATA: folder },
      cwd: folder,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said };
  };
  expect(await run('--suite', 'net', '--test', 'pi*')).toEqual({
    code: 0,
    said: '1 match in 30 days: 1 job of 1 lab, 1 test.\n  alpha/1, 1 failed test\n',
  });
  expect(await run('--test', 'x')).toMatchObject({
    code: 1,
    said: 'It matches nothing: none of 2 failed jobs of 30 days.\n',
  });
  const { code, said } = await run('--log', 'a(b');
  expect(code).toBe(2);
  expect(said).toContain('missing closing ) at character 1 ("a(b")');
});
