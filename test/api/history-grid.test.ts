import { expect, test } from 'vitest';
import { addBuildJob } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type Grid = {
  historyGrid: {
    builds: { version: string }[];
    rows: {
      suite: string;
      set: string | null;
      name: string;
      environment: { name: string };
      cells: string;
      failing: { since: { version: string }; lastPass: { version: string } | null; buildCount: number } | null;
    }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    counts: { total: number; green: number; changed: number; failing: number };
    truncated: boolean;
  };
};

const QUERY = `query ($suite: String = "smoke", $branch: String, $builds: Int, $scope: ScopeInput, $show: HistoryShow, $first: Int, $after: String) {
  historyGrid(project: "mainline", suite: $suite, branch: $branch, builds: $builds, scope: $scope, show: $show, first: $first, after: $after) {
    builds { version }
    rows { suite set name environment { name } cells failing { since { version } lastPass { version } buildCount } }
    pageInfo { hasNextPage endCursor } counts { total green changed failing } truncated
  }
}`;

async function ask(server: Server, variables: object = {}): Promise<Grid['historyGrid']> {
  return (await server.data<Grid>(QUERY, { variables })).historyGrid;
}

const lost = { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', plannedSuites: ['smoke'] };

async function world(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P', 'mm/boot': 'P', net: 'P', usb: 'S' } });
  await addBuildJob(server, { number: 2, build: 'v2', cases: { boot: 'F', 'mm/boot': 'P', net: 'P', usb: 'S' } });
  await addBuildJob(server, { number: 3, build: 'v2', source: 'beta', cases: { boot: 'P', net: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v3', cases: {}, suite: 'lava', ...lost });
  await addBuildJob(server, { number: 5, build: 'v4', cases: { boot: 'F', 'mm/boot': 'P', net: 'F', usb: 'U' } });
  await addBuildJob(server, { number: 6, build: 'v4', cases: { boot: 'P' }, deviceType: 'juno' });
  // A build of long ago is run once more.
  await addBuildJob(server, { number: 7, build: 'v1', cases: { boot: 'F' } });
  return server;
}

const words = ({ rows }: Grid['historyGrid']) =>
  rows.map(({ set, name, environment, cells }) => `${set ? `${set}/` : ''}${name} ${environment.name} ${cells}`);

test('a row is a test on a device type, a letter is what all labs say of it for a build, newest build first', async () => {
  const server = await world();

  const grid = await ask(server, { suite: '3_smoke' });

  expect(grid.builds.map(({ version }) => version)).toEqual(['v4', 'v3', 'v2', 'v1']);
  expect(words(grid)).toEqual([
    'boot juno P...',
    'boot qemu FIMM',
    'mm/boot qemu PIPP',
    'net qemu FIPP',
    'usb qemu UISS',
  ]);
  expect(grid).toMatchObject({ counts: { total: 5, green: 2, changed: 3, failing: 2 }, truncated: false });
  expect(grid.rows.map(({ suite }) => suite)).toEqual(Array(5).fill('smoke'));
  expect(grid.rows.map(({ failing }) => failing)).toEqual([
    null,
    { since: { version: 'v1' }, lastPass: null, buildCount: 3 },
    null,
    { since: { version: 'v4' }, lastPass: { version: 'v2' }, buildCount: 1 },
    null,
  ]);
});

test('what is shown, how many builds, labs, device types and branches narrow it', async () => {
  const server = await world();
  const rows = async (variables: object) => words(await ask(server, variables));

  expect(await rows({ show: 'NOT_GREEN' })).toEqual(['boot qemu FIMM', 'net qemu FIPP', 'usb qemu UISS']);
  expect(await rows({ show: 'FAILING' })).toEqual(['boot qemu FIMM', 'net qemu FIPP']);
  expect(await rows({ show: 'CHANGED', builds: 3 })).toEqual(['boot qemu FIM', 'net qemu FIP', 'usb qemu UIS']);
  expect(await rows({ scope: { sources: ['beta'] } })).toEqual(['boot qemu P', 'net qemu P']);
  expect(await rows({ scope: { deviceTypes: ['juno'] } })).toEqual(['boot juno P']);
  expect(await rows({ branch: 'nowhere' })).toEqual([]);
  expect(await rows({ suite: 'no such suite' })).toEqual([]);
});

test('rows come in pages', async () => {
  const server = await world();

  const first = await ask(server, { first: 2 });
  const next = await ask(server, { first: 3, after: first.pageInfo.endCursor });

  expect(words(first)).toEqual(['boot juno P...', 'boot qemu FIMM']);
  expect(first.pageInfo.hasNextPage).toBe(true);
  expect(words(next)).toEqual(['mm/boot qemu PIPP', 'net qemu FIPP', 'usb qemu UISS']);
  expect(next.pageInfo.hasNextPage).toBe(false);
});

test.each([0, 201])('%i builds are refused', async (builds) => {
  const server = await startServer({ sources: ['alpha'] });
  const { body } = await server.ask(QUERY, { variables: { builds } });
  expect(body.errors?.[0]?.message).toBe(`"builds" is ${builds}: ask for 1 to 200.`);
});

test('200 tests by 200 builds are one request', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const cases = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`test${String(i).padStart(3, '0')}`, 'F']));
  for (let number = 1; number <= 200; number++) await addBuildJob(server, { number, build: `v${number}`, cases });
  const before = server.store.statementCount();

  const grid = await ask(server, { builds: 200, first: 200 });

  expect([grid.builds.length, grid.rows.length]).toEqual([200, 200]);
  expect(new Set(grid.rows.map(({ cells }) => cells))).toEqual(new Set(['F'.repeat(200)]));
  // Far fewer than rows, builds or cells: environments, builds, runs, names, and the builds once more to be told.
  expect(server.store.statementCount() - before).toBeLessThanOrEqual(45);
});
