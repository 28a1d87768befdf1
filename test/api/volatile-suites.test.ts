import { expect, test } from 'vitest';
import { createWriter } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import { startServer } from './server.ts';

const QUERY = '{ sources { nodes { slug volatileSuites { suite example } } } }';

test('suites whose names never repeat are named with an example, hidden ones only to who may see them', async () => {
  const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
  const server = await startServer({ sources: ['alpha', 'beta'], access });
  const writer = createWriter(server.writer.store, [], () => false);
  const add = async (number: number, suite: string, isPublic: boolean) => {
    const cases = [`pid ${number}`, 'boot'].map((name, i) => caseOf({ externalId: number * 10 + i, name }));
    const job = jobOf({ externalId: String(number), isPublic });
    await write(writer, 'alpha', changeOf(job, [{ externalId: 1, name: suite, isSteps: false, cases }]));
  };
  await add(1, '0_noise', true);
  await add(2, '0_noise', true);
  await add(3, '0_secret', false);

  const noise = { suite: 'noise', example: 'pid 2' };
  const beta = { slug: 'beta', volatileSuites: [] };
  expect(await server.data(QUERY)).toEqual({
    sources: { nodes: [{ slug: 'alpha', volatileSuites: [noise] }, beta] },
  });
  expect(await server.data(QUERY, { token: 'root-token' })).toEqual({
    sources: { nodes: [{ slug: 'alpha', volatileSuites: [noise, { suite: 'secret', example: 'pid 3' }] }, beta] },
  });
});
