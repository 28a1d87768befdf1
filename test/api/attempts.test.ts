/** Attempts at the same: jobs of a build that are alike, and jobs that were submitted again. */
import { expect, test } from 'vitest';
import type { JobRecord } from '#schema/records.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const BUILD = { 'git-tree': 'mainline', 'git-describe': 'v1', 'git-branch': 'main' };

async function attemptsOf(server: Server, number: number, token?: string, source = 'alpha') {
  const { job } = await server.data<{ job: { attempts: { externalId: string }[] } | null }>(
    `{ job(source: "${source}", externalId: "${number}") { attempts { externalId } } }`,
    { token },
  );
  return job?.attempts.map(({ externalId }) => Number(externalId));
}

/** The interface of a master writes where a job came from, under the name it has or has not been given. */
function again(original: number, from = 'http://example.com'): Partial<JobRecord> {
  return { metadata: { 'job.original': `${from}/scheduler/job/${original}` } };
}

test('jobs of a build with the same name, device type, lab and planned suites are attempts, oldest first', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const same = { metadata: BUILD, description: 'ltp on qemu', plannedSuites: ['ltp', 'smoke'] };
  await addJob(server, 'alpha', 12, { ...same, health: 'INCOMPLETE', errorType: 'Infrastructure' });
  await addJob(server, 'alpha', 11, same);
  await addJob(server, 'alpha', 13, { ...same, plannedSuites: ['smoke', 'ltp'] });
  await addJob(server, 'alpha', 14, { ...same, plannedSuites: ['ltp'] });
  await addJob(server, 'alpha', 15, { ...same, description: 'ltp on qemu, again' });
  await addJob(server, 'alpha', 16, { ...same, deviceType: 'other' });
  await addJob(server, 'alpha', 17, { ...same, metadata: { ...BUILD, 'git-describe': 'v2' } });
  await addJob(server, 'alpha', 18, { ...same, role: 'server' });
  await addJob(server, 'beta', 19, same);

  for (const number of [11, 12, 13]) expect(await attemptsOf(server, number)).toEqual([11, 12, 13]);
  for (const number of [14, 15, 16, 17, 18]) expect(await attemptsOf(server, number)).toEqual([]);
  expect(await attemptsOf(server, 19, undefined, 'beta')).toEqual([]);
});

test('L-56: a job that was submitted again is found by the number it came from, whatever its master calls itself', async () => {
  const server = await startServer({ sources: [settings('alpha', { url: 'https://lava.alpha.example/' }), 'beta'] });
  await addJob(server, 'alpha', 1);
  await addJob(server, 'alpha', 2, again(1));
  await addJob(server, 'alpha', 3, again(2, 'https://lava.alpha.example'));
  await addJob(server, 'alpha', 4, again(2));
  // Of another master, which has a job of that number too.
  await addJob(server, 'beta', 1);
  await addJob(server, 'beta', 2, again(1));
  await addJob(server, 'alpha', 5, again(99));
  await addJob(server, 'alpha', 6, { metadata: { 'job.original': 'not an address' } });

  for (const number of [1, 2, 3, 4]) expect(await attemptsOf(server, number)).toEqual([1, 2, 3, 4]);
  expect(await attemptsOf(server, 1, undefined, 'beta')).toEqual([1, 2]);
  expect(await attemptsOf(server, 5)).toEqual([]);
  expect(await attemptsOf(server, 6)).toEqual([]);
});

test('jobs that name each other are attempts once each', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1, again(2));
  await addJob(server, 'alpha', 2, again(1));

  expect(await attemptsOf(server, 1)).toEqual([1, 2]);
});

test('of attempts that may not be seen there is no trace, nor of what they alone join', async () => {
  const server = await startServer({ sources: ['alpha'], access });
  const same = { metadata: BUILD, description: 'ltp', plannedSuites: ['ltp'] };
  await addJob(server, 'alpha', 1, same);
  await addJob(server, 'alpha', 2, { ...same, isPublic: false });
  await addJob(server, 'alpha', 11);
  await addJob(server, 'alpha', 12, { ...again(11), isPublic: false });
  await addJob(server, 'alpha', 13, again(12));

  expect(await attemptsOf(server, 1)).toEqual([]);
  expect(await attemptsOf(server, 11)).toEqual([]);
  expect(await attemptsOf(server, 13)).toEqual([]);
  expect(await attemptsOf(server, 2, 'root-token')).toEqual([1, 2]);
  expect(await attemptsOf(server, 13, 'root-token')).toEqual([11, 12, 13]);
});

test('attempts are read in as many queries however many there are', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const cost = async (number: number) => {
    const before = server.store.statementCount();
    await attemptsOf(server, number);
    return server.store.statementCount() - before;
  };
  const add = (number: number, name: string) =>
    addJob(server, 'alpha', number, { metadata: BUILD, description: name, plannedSuites: [name] });
  for (let n = 0; n < 2; n++) await add(100 + n, 'few');
  for (let n = 0; n < 20; n++) await add(200 + n, 'many');

  const few = await cost(100);
  expect(await cost(200)).toBe(few);
  expect(await attemptsOf(server, 219)).toHaveLength(20);
});
