import { expect, test } from 'vitest';
import { saveKnownIssue } from '#store/save-known-issue.ts';
import { addIssue, issueOf, TRIAGER } from '../store/known-issues.ts';
import { settings } from '../store/settings.ts';
import { BUILDS, writeBuild } from '../store/verdict-build.ts';
import { startServer } from './server.ts';

const VERDICT = `verdict(policy: $policy) { outcome sentence rowCount failed: rowCount(outcome: [FAIL])
  rows { suite environment { name } outcome why failingCount failing { set name failsIn passesIn } } policy }`;

async function served(sources: Parameters<typeof startServer>[0]['sources'] = ['alpha', 'beta']) {
  const server = await startServer({
    sources,
    policies: { p: { required: [{ suite: 'smoke' }], allowed: [], labs: 1, knownIssues: 'count' } },
  });
  await writeBuild(server.writer, BUILDS);
  const ask = (version: string, policy?: object) =>
    server.ask(
      `query ($version: String!, $policy: VerdictPolicyInput) { build(project: "p", version: $version) { ${VERDICT} } }`,
      { variables: { version, policy } },
    );
  const verdict = async (version: string, policy?: object) => {
    const { body } = await ask(version, policy);
    expect(body.errors).toBeUndefined();
    return (body.data as { build: { verdict: Record<string, unknown> } }).build.verdict;
  };
  return { server, ask, verdict };
}

test('a build is judged by the policy of its project, or by the one that is asked with', async () => {
  const { verdict } = await served();

  expect(await verdict('fails')).toMatchObject({
    outcome: 'PASS',
    sentence: 'All required suites passed on 2 of 2 device types.',
    rowCount: 2,
    policy: { required: [{ suite: 'smoke' }], allowed: [], labs: 1 },
  });
  expect(await verdict('fails', {})).toMatchObject({
    outcome: 'FAIL',
    sentence: "Every suite passed on 0 of 2 device types; qemu failed; x15 did not run by the lab's fault.",
    rowCount: 4,
    failed: 1,
    rows: [
      {
        suite: 'ltp',
        environment: { name: 'qemu' },
        outcome: 'FAIL',
        why: '1 test fails',
        failingCount: 1,
        failing: [{ set: null, name: 'fork01', failsIn: ['alpha'], passesIn: ['beta'] }],
      },
      {
        suite: 'ltp',
        environment: { name: 'x15' },
        outcome: 'INFRASTRUCTURE',
        why: "1 job that was to run it failed by the lab's fault",
      },
      { suite: 'smoke', outcome: 'PASS' },
      { suite: 'smoke', outcome: 'PASS' },
    ],
  });
  expect(await verdict('lost')).toMatchObject({ outcome: 'INFRASTRUCTURE' });
  expect(await verdict('waits')).toMatchObject({
    outcome: 'INCOMPLETE',
    rows: [{ environment: { name: 'x15' }, why: '1 job that runs it is queued' }, { outcome: 'PASS' }],
  });
});

test('quorum and allowed failures are asked with', async () => {
  const { verdict } = await served();
  const required = [{ suite: 'ltp', deviceTypes: ['qemu'] }];
  expect(await verdict('fails', { required, labs: 2 })).toMatchObject({ outcome: 'PASS' });
  const allowed = [{ suite: 'ltp', test: 'fork*' }];
  expect(await verdict('fails', { required, allowed })).toMatchObject({ outcome: 'PASS' });
  expect(await verdict('fails', { required, allowed: [{ suite: 'ltp', test: 'read*' }] })).toMatchObject({
    outcome: 'FAIL',
  });
});

test('a policy that is wrong is refused in words', async () => {
  const { ask } = await served();
  const refusal = async (policy: object) => (await ask('fails', policy)).body.errors?.[0];
  expect(await refusal({ required: [] })).toMatchObject({
    message: '"policy.required": require a suite at least; "*" is every suite',
    extensions: { code: 'BAD_USER_INPUT' },
  });
  expect((await refusal({ labs: 0 }))?.message).toMatch(/^"policy.labs": /);
});

test('what retention may have deleted of a build cannot be told, what fails can', async () => {
  const retention = { rollups: 30 };
  const { verdict } = await served([{ ...settings('alpha'), retention }, 'beta']);
  expect(await verdict('v0', {})).toMatchObject({
    outcome: 'CANNOT_TELL',
    sentence: 'Retention deletes jobs of that age (alpha), and some of this build may be gone.',
  });
  expect(await verdict('fails', {})).toMatchObject({ outcome: 'FAIL' });
});

test('verdicts of many builds are refused by their cost', async () => {
  const { server } = await served();
  const ask = (n: number) =>
    server.ask(`{ project(slug: "p") { builds(first: ${n}) { nodes { verdict { outcome } } } } }`);
  expect((await ask(10)).body.errors).toBeUndefined();
  expect((await ask(20)).body.errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COSTLY');
});

test('a failure that a known issue explains is told, and does not count where the policy ignores it', async () => {
  const { server, verdict } = await served();
  const id = await addIssue(server.writer, { title: 'fork', suite: 'ltp', name: '*' });
  const known = async (policy: object) => {
    const query = `query ($policy: VerdictPolicyInput) { build(project: "p", version: "fails") { verdict(policy: $policy) {
      rows(outcome: [FAIL, PASS]) { suite outcome failingCount knownCount known { knownIssues { title } } } } } }`;
    const data = await server.data<{ build: { verdict: { rows: { suite: string }[] } } }>(query, {
      variables: { policy },
    });
    return data.build.verdict.rows.find(({ suite }) => suite === 'ltp');
  };
  const issues = { knownCount: 1, known: [{ knownIssues: [{ title: 'fork' }] }] };
  expect(await known({})).toMatchObject({ outcome: 'FAIL', failingCount: 1, ...issues });
  expect(await known({ knownIssues: 'ignore' })).toMatchObject({ outcome: 'PASS', failingCount: 0, ...issues });
  expect(await verdict('fails', { knownIssues: 'ignore' })).toMatchObject({ outcome: 'INFRASTRUCTURE' });
  await saveKnownIssue(server.writer.store, TRIAGER, id, issueOf({ suite: 'ltp', name: '*', fixedAt: 0 }), 1);
  expect(await known({ knownIssues: 'ignore' })).toMatchObject({ outcome: 'FAIL', knownCount: 0 });
});
