import { wilson } from '#analysis/wilson.ts';
import { InvalidInput } from '#store/error.ts';
import { countFlakyRuns } from '#store/flaky-runs.ts';
import { describeFlakyTests, type FlakesAt, type FlakyFacts } from '#store/flaky-state.ts';
import { type FlakyTestRow, flakyKey, listFlakyTests } from '#store/flaky-test.ts';
import type { DeviceRow } from '#store/fleet.ts';
import { compareKeys, type Key } from '#store/page.ts';
import type { SourceRow } from '#store/source.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { lastDays } from './days.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers } from './graphql/types.ts';
import type { Loaders } from './loaders.ts';
import { required } from './required.ts';

const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;

/** Jobs that are named of those left out. */
const EXCLUDED = 10;
/** Boards, or labs, that are told of a test. */
const PLACES = 20;

/** Both are worked out for all tests of a page at once, when they are asked for. */
export type FlakyTestParent = FlakyTestRow & {
  countRuns: () => Promise<number | null>;
  describe: () => Promise<FlakyFacts>;
};

export type FlakyTestList = Connection<FlakyTestParent>;

export type FlakyPlaceParent = FlakesAt & { source: SourceRow; device: DeviceRow | null };

/** By the lower end of the interval; equals by name, never by a number of the store. */
async function worstPlaces(places: readonly FlakesAt[], { source, device }: Loaders): Promise<FlakyPlaceParent[]> {
  const named = new Map<string, FlakyPlaceParent>();
  for (const { deviceId, ...place } of places) {
    const shown = deviceId === null ? null : ((await device.load(deviceId)) ?? null);
    // Hidden boards are one, so that nobody counts them.
    const key = `${place.sourceId} ${shown?.id}`;
    const { flakes = 0, fails = 0, runs = 0 } = named.get(key) ?? {};
    named.set(key, {
      ...{ ...place, deviceId: shown?.id ?? null, device: shown },
      ...{ flakes: flakes + place.flakes, fails: fails + place.fails, runs: runs + place.runs },
      source: required(await source.load(place.sourceId), 'source'),
    });
  }
  const keyOf = (place: FlakyPlaceParent): Key => [
    ...[-(wilson(place.flakes, place.runs)?.[0] ?? 0), -place.runs],
    ...[place.source.slug, place.device?.hostname ?? ''],
  ];
  return [...named.values()].sort((a, b) => compareKeys(keyOf(a), keyOf(b))).slice(0, PLACES);
}

export const flakyTest: Pick<Resolvers, 'Query' | 'FlakyPlace' | 'FlakyTest' | 'FlakyTestConnection'> = {
  Query: {
    async flakyTests(_, { scope, by, days, ...args }, { store, viewer, now }) {
      const wanted = days ?? DEFAULT_DAYS;
      if (wanted < 1 || wanted > MAX_DAYS) throw new InvalidInput(`"days" is ${wanted}: ask for 1 to ${MAX_DAYS}.`);
      if (by === 'DEVICE')
        throw new InvalidInput(
          'Flips are kept by environment, not by board: ask by SERIES or by SOURCE, and for byDevice.',
        );
      const window = lastDays(scope, wanted, now());
      const page = readPage(args, ['number', 'text', 'text', 'number', 'text', 'text', 'text']);
      const { rows, total, ...beyond } = await listFlakyTests(
        store,
        viewer,
        toScope(scope),
        by ?? 'SERIES',
        window,
        page,
      );
      let counted: Promise<(number | null)[]> | undefined;
      const countAll = () => {
        counted ??= countFlakyRuns(store, viewer, toScope(scope), window, rows);
        return counted;
      };
      let described: Promise<FlakyFacts[]> | undefined;
      const describeAll = () => {
        described ??= describeFlakyTests(store, viewer, toScope(scope), window, rows);
        return described;
      };
      const tests = rows.map((row, i) => ({
        ...row,
        countRuns: async () => (await countAll())[i] ?? null,
        describe: async () => required((await describeAll())[i], 'flaky test'),
      }));
      return toConnection({ rows: tests, ...beyond }, flakyKey, toSourceFilter(scope), async () => total);
    },
  },
  FlakyTest: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    source: async ({ sourceId }, _, { loaders }) =>
      sourceId === null ? null : required(await loaders.source.load(sourceId), 'source'),
    runs: ({ countRuns }) => countRuns(),
    async flipRate({ flips, countRuns }) {
      const runs = await countRuns();
      return runs === null ? null : flips / runs;
    },
    async interval({ flips, countRuns }) {
      const runs = await countRuns();
      return runs === null ? null : wilson(flips, runs);
    },
    state: async ({ describe }) => (await describe()).state,
    flakes: async ({ describe }) => (await describe()).flakes,
    flakeRuns: async ({ describe }) => (await describe()).considered,
    passedOnRetry: async ({ describe }) => (await describe()).passedOnRetry,
    excludedJobCount: async ({ describe }) => (await describe()).excludedJobIds.length,
    async onlyDevice({ describe }, _, { loaders }) {
      const { onlyDeviceId } = await describe();
      return onlyDeviceId === null ? null : ((await loaders.device.load(onlyDeviceId)) ?? null);
    },
    async onlySource({ describe }, _, { loaders }) {
      const { onlySourceId } = await describe();
      return onlySourceId === null ? null : required(await loaders.source.load(onlySourceId), 'source');
    },
    byDevice: async ({ describe }, _, { loaders }) => worstPlaces((await describe()).boards, loaders),
    bySource: async ({ describe }, _, { loaders }) => worstPlaces((await describe()).labs, loaders),
    isFlakyEverywhere: async ({ describe }) => (await describe()).isEverywhere,
    async excludedJobs({ describe }, _, { loaders }) {
      const ids = (await describe()).excludedJobIds.slice(0, EXCLUDED);
      return Promise.all(ids.map(async (id) => required(await loaders.job.load(id), 'job')));
    },
  },
  FlakyPlace: {
    failures: ({ fails }) => fails,
    flakeRate: ({ flakes, runs }) => flakes / runs,
    interval: ({ flakes, runs }) => required(wilson(flakes, runs) ?? undefined, 'run'),
  },
  FlakyTestConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
