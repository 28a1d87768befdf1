/** Names that mean the same: what becomes one, who may say so, and what is refused. */
import { expect, test } from 'vitest';
import type { AccessToken } from '#api/viewer.ts';
import { addJob, type Server, startServer } from './server.ts';

const access: AccessToken[] = [
  { login: 'root', token: 'sesame', teams: [], role: 'admin' },
  { login: 'reader', token: 'reader', teams: [], role: 'viewer' },
];
const token = 'sesame';
const ADD = `mutation ($input: AliasInput!) { addAlias(input: $input) { aliases { given { kind source name alias login } suggested { name alias } } userErrors { code message field } } }`;
const REMOVE = `mutation ($input: AliasKeyInput!) { removeAlias(input: $input) { aliases { given { name } } userErrors { code message } } }`;
const TRY = `query ($input: AliasInput!) { tryAlias(input: $input) { trial { jobs isWhole sources together } userErrors { code message field } } }`;

type Answer = {
  aliases: { given: object[]; suggested: object[] } | null;
  userErrors: { code: string; message: string; field: string }[];
};
const add = async (server: Server, input: object) =>
  (await server.data<{ addAlias: Answer }>(ADD, { variables: { input }, token })).addAlias;
const remove = async (server: Server, input: object) =>
  (await server.data<{ removeAlias: Answer }>(REMOVE, { variables: { input }, token })).removeAlias;
const tried = async (server: Server, input: object) =>
  (
    await server.data<{ tryAlias: { trial: object | null; userErrors: object[] } }>(TRY, {
      variables: { input },
      token,
    })
  ).tryAlias;

const RPI = { kind: 'DEVICE_TYPE', name: 'bcm2837-rpi-3-b', alias: 'rpi3' };
const LOOK = `{
  build(project: "mainline", version: "v1") { matrix { environment { deviceType } labs { source { slug } } } }
  here: jobs(filter: {scope: {deviceTypes: ["rpi3"]}}) { totalCount }
  own: jobs(filter: {scope: {deviceTypes: ["bcm2837-rpi-3-b"]}}) { totalCount }
  devices(filter: {scope: {deviceTypes: ["bcm2837-rpi-3-b"]}}) { nodes { hostname deviceType { name } ownDeviceType } }
  deviceTypes { nodes { name deviceCount } }
  labAgreement(project: "mainline", version: "v1") { pairs { a { slug } b { slug } } }
}`;

async function twoLabs(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'], access });
  const metadata = { 'git-tree': 'mainline', 'git-describe': 'v1', 'git-branch': 'master' };
  for (const n of [1, 2, 3]) await addJob(server, 'alpha', n, { deviceType: 'rpi3', submitter: 'bot', metadata });
  for (const n of [1, 2])
    await addJob(server, 'beta', n, { deviceType: 'bcm2837-rpi-3-b', submitter: 'ci-bot', metadata });
  return server;
}

test('the same board under two names becomes one column, one type to filter by, and two labs that can agree; and back', async () => {
  const server = await twoLabs();
  const before = await server.data(LOOK);
  expect(await tried(server, RPI)).toEqual({
    trial: { jobs: 2, isWhole: true, sources: ['beta'], together: ['bcm2837-rpi-3-b', 'rpi3'] },
    userErrors: [],
  });
  expect(await server.data(LOOK)).toEqual(before);

  expect(await add(server, RPI)).toEqual({
    aliases: { given: [{ ...RPI, source: null, login: 'root' }], suggested: [] },
    userErrors: [],
  });
  expect(await server.data(LOOK)).toEqual({
    build: {
      matrix: [
        {
          environment: { deviceType: 'rpi3' },
          labs: [{ source: { slug: 'alpha' } }, { source: { slug: 'beta' } }],
        },
      ],
    },
    here: { totalCount: 5 },
    own: { totalCount: 2 },
    devices: { nodes: [{ hostname: 'beta-board', deviceType: { name: 'rpi3' }, ownDeviceType: 'bcm2837-rpi-3-b' }] },
    deviceTypes: { nodes: [{ name: 'rpi3', deviceCount: 2 }] },
    labAgreement: { pairs: [{ a: { slug: 'alpha' }, b: { slug: 'beta' } }] },
  });

  expect(await remove(server, { kind: 'DEVICE_TYPE', name: RPI.name })).toEqual({
    aliases: { given: [] },
    userErrors: [],
  });
  expect(await server.data(LOOK)).toEqual(before);
});

test('one lab may have both names', async () => {
  const server = await twoLabs();
  const metadata = { 'git-tree': 'mainline', 'git-describe': 'v1', 'git-branch': 'master' };
  await addJob(server, 'beta', 9, { deviceType: 'rpi3', device: 'beta-other', metadata });
  const before = await server.data(LOOK);
  await add(server, RPI);
  await addJob(server, 'beta', 10, { deviceType: 'rpi3', device: 'beta-other', metadata });
  const cells = await server.data<{ build: { matrix: object[] } }>(LOOK);
  expect(cells.build.matrix).toMatchObject([
    {
      environment: { deviceType: 'rpi3' },
      labs: [{ source: { slug: 'alpha' } }, { source: { slug: 'beta' } }],
    },
  ]);
  await remove(server, { kind: 'DEVICE_TYPE', name: RPI.name });
  expect(await server.data(LOOK)).toMatchObject({ own: { totalCount: 2 }, here: { totalCount: 5 } });
  expect(before).toMatchObject({ own: { totalCount: 2 }, here: { totalCount: 4 } });
});

test('a submitter is found under every login by the name here, and shown by it beside its own', async () => {
  const server = await twoLabs();
  const robot = { kind: 'SUBMITTER', source: 'beta', name: 'ci-bot', alias: 'bot' };
  expect(await tried(server, robot)).toMatchObject({
    trial: { jobs: 2, sources: ['beta'], together: ['bot', 'ci-bot'] },
  });
  await add(server, robot);
  const by = async (name: string) => {
    const { jobs } = await server.data<{ jobs: { totalCount: number; nodes: object[] } }>(
      `{ jobs(filter: {submitter: ["${name}"]}, first: 1) { totalCount nodes { submitter submitterHere } } }`,
    );
    return jobs;
  };
  expect(await by('bot')).toMatchObject({ totalCount: 5 });
  expect(await by('ci-bot')).toEqual({ totalCount: 2, nodes: [{ submitter: 'ci-bot', submitterHere: 'bot' }] });
  expect((await by('nobody')).totalCount).toBe(0);
  const { job } = await server.data<{ job: object }>(
    '{ job(source: "beta", externalId: "1") { submitter submitterHere } }',
  );
  expect(job).toEqual({ submitter: 'ci-bot', submitterHere: 'bot' });
  await remove(server, { kind: robot.kind, source: robot.source, name: robot.name });
  expect((await by('bot')).totalCount).toBe(3);
});

test('what stands for another name is none again; who is no admin changes and reads nothing', async () => {
  const server = await twoLabs();
  await add(server, RPI);
  const refused: [object, string, string][] = [
    [RPI, 'CONFLICT', '"bcm2837-rpi-3-b" is called "rpi3" here already: take that back first.'],
    [
      { ...RPI, name: 'pi', alias: RPI.name },
      'CONFLICT',
      '"bcm2837-rpi-3-b" is itself called "rpi3" here: take that name instead.',
    ],
    [
      { ...RPI, name: 'rpi3', alias: 'pi' },
      'CONFLICT',
      '"bcm2837-rpi-3-b" is called "rpi3" here: take that back first, then give both the new name.',
    ],
    [{ ...RPI, name: 'x', alias: ' x ' }, 'INVALID', 'That is the name it has: write another one.'],
    [{ ...RPI, name: 'x', source: 'gamma' }, 'INVALID', 'No source is called "gamma".'],
  ];
  for (const [input, code, message] of refused) {
    expect(await add(server, input)).toMatchObject({ aliases: null, userErrors: [{ code, message }] });
    expect(await tried(server, input)).toMatchObject({ trial: null, userErrors: [{ code, message }] });
  }
  expect(await remove(server, { kind: 'DEVICE_TYPE', name: 'pi' })).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  for (const [by, code] of [
    [{}, 'UNAUTHORIZED'],
    [{ token: 'reader' }, 'FORBIDDEN'],
  ] as const) {
    const variables = { input: { ...RPI, name: 'other' } };
    expect(await server.data(ADD, { variables, ...by })).toMatchObject({ addAlias: { userErrors: [{ code }] } });
    expect(await server.data(TRY, { variables, ...by })).toMatchObject({
      tryAlias: { trial: null, userErrors: [{ code }] },
    });
    expect(await server.data('{ nameAliases { given { name } } }', by)).toEqual({ nameAliases: null });
  }
});

test('a name that a master gives its own type is offered', async () => {
  const server = await twoLabs();
  const { sql } = server.writer.store;
  await sql.run(
    `INSERT INTO source_device_type (source_id, device_type_id, aliases)
     SELECT s.id, t.id, '["bcm2837-rpi-3-b", "nowhere"]' FROM source s, device_type t WHERE s.slug = 'alpha' AND t.name = 'rpi3'`,
  );
  const { nameAliases } = await server.data<{ nameAliases: object }>('{ nameAliases { suggested { name alias } } }', {
    token,
  });
  expect(nameAliases).toEqual({ suggested: [{ name: 'bcm2837-rpi-3-b', alias: 'rpi3' }] });
});
