import { expect, test } from 'vitest';
import { listSameMasters } from '#store/same-master.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

test('L-18, L-62: two sources that read one master, and see more or less of it, are told, once; others that only count alike are not', async () => {
  const writer = await temporaryWriter(['alpha', 'beta', 'gamma', 'delta']);
  const add = (slug: string, number: number, submitAt: number) =>
    write(writer, slug, changeOf(jobOf({ externalId: String(number), submitAt }), []));
  for (let n = 1; n <= 9; n++) {
    await add('alpha', n, 1_000_000 * n);
    if (n > 4) await add('gamma', n, 1_000_000 * n);
    await add('beta', n, 1_000_000 * n + 1);
    await add('delta', n, 1_000_000 * n + (n > 2 ? 2 : 0));
  }
  expect(await listSameMasters(writer.store)).toEqual([{ one: 'alpha', other: 'gamma', jobs: 5 }]);
});
