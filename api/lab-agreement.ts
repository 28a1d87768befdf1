/** Do the labs agree on a build? What only failures decide is read of suites with failures, the rest when it is asked for. */
import { type BuildRow, getBuild } from '#store/build.ts';
import type { LabResultRow } from '#store/compare-changes.ts';
import { InvalidInput, NotFound } from '#store/error.ts';
import { type Lab, type LabAgreement, type LabPair, readLabAgreement } from '#store/lab-agreement.ts';
import type { TableRow } from '#store/side-table.ts';
import type { SourceFilter } from '#store/source.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { AgreementShow, Resolvers } from './graphql/types.ts';
import { once } from './once.ts';
import { required } from './required.ts';

const MAX_QUORUM = 100;
const MAX_ROWS = 1_000;
const DECIDED_BY_FAILURES: ReadonlySet<AgreementShow> = new Set(['CONFLICTS', 'CONFIRMED', 'UNCONFIRMED'] as const);

export type LabAgreementParent = {
  build: BuildRow;
  quorum: number;
  sources: SourceFilter;
  /** As much of the build as decides what is shown. */
  read(show: AgreementShow): Promise<LabAgreement>;
};
export type LabPairParent = LabPair;
export type AgreementRowParent = TableRow & { of: readonly Lab[] };
export type AgreementRowList = Connection<AgreementRowParent>;

async function sourceOf({ sourceId }: Lab, { loaders }: Context) {
  return required(await loaders.source.load(sourceId), 'source');
}

function countOf(show: AgreementShow) {
  return async ({ read, quorum }: LabAgreementParent) => (await read(show)).count(show, quorum);
}

function labsOf({ sides, of }: AgreementRowParent): LabResultRow[] {
  return of.flatMap(({ sourceId }, i) => {
    const side = sides[i];
    return side ? [{ ...side, sourceId }] : [];
  });
}

function doLabsAgree({ sides }: AgreementRowParent): boolean {
  const results = new Set(sides.map((side) => side?.result));
  return !(results.has('PASS') && results.has('FAIL'));
}

export const labAgreement: Pick<
  Resolvers,
  'Query' | 'LabAgreement' | 'LabPair' | 'AgreementRow' | 'AgreementRowConnection'
> = {
  Query: {
    async labAgreement(_, { project, version, branch, quorum, scope, verdict: asked }, { store, viewer }) {
      if (quorum == null || quorum < 1 || quorum > MAX_QUORUM)
        throw new InvalidInput(`"quorum" is ${quorum}: ask for 1 to ${MAX_QUORUM} labs.`);
      const build = await getBuild(store, viewer, project, version, branch ?? undefined);
      if (!build) throw new NotFound(`There is no build "${version}" of project "${project}".`);
      const sources = toSourceFilter(scope);
      const within = { sources, deviceTypes: scope?.deviceTypes ?? null };
      const verdict = asked ?? 'LAST';
      const failing = once(() => readLabAgreement(store, viewer, build, within, { failing: true, verdict }));
      const whole = once(() => readLabAgreement(store, viewer, build, within, { failing: false, verdict }));
      return { build, quorum, sources, read: (show) => (DECIDED_BY_FAILURES.has(show) ? failing() : whole()) };
    },
  },
  LabAgreement: {
    sources: async ({ read }, _, context) =>
      Promise.all((await read('CONFLICTS')).labs.map((lab) => sourceOf(lab, context))),
    async rows({ read, quorum }, { first, show }) {
      if (first < 0 || first > MAX_ROWS) throw new InvalidInput(`"first" is ${first}: ask for 0 to ${MAX_ROWS}.`);
      const { labs, list } = await read(show ?? 'ALL');
      const page = await list(show ?? 'ALL', quorum, { limit: first, after: null, before: null, backward: false });
      return page.rows.map((row) => ({ ...row, of: labs }));
    },
    async tests({ read, quorum, sources }, { show, ...args }) {
      const agreement = await read(show ?? 'ALL');
      const page = await agreement.list(show ?? 'ALL', quorum, readPage(args, ['text', 'text', 'number']));
      return toConnection(
        { ...page, rows: page.rows.map((row) => ({ ...row, of: agreement.labs })) },
        ({ key }) => key,
        sources,
        async () => agreement.count(show ?? 'ALL', quorum),
      );
    },
    testCount: countOf('ALL'),
    conflicts: countOf('CONFLICTS'),
    agreeing: countOf('AGREEING'),
    quorumFailures: countOf('CONFIRMED'),
    unconfirmed: countOf('UNCONFIRMED'),
    pairs: async ({ read }) => (await read('ALL')).pairs(),
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  LabPair: {
    a: ({ a }, _, context) => sourceOf(a, context),
    b: ({ b }, _, context) => sourceOf(b, context),
    testCount: ({ tests }) => tests,
    agreeing: ({ agree }) => agree,
    conflicts: ({ disagree }) => disagree,
  },
  AgreementRow: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    results: ({ sides }) => sides.map((side) => side?.result ?? null),
    agree: (row) => doLabsAgree(row),
    labs: (row) => labsOf(row),
  },
  AgreementRowConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
