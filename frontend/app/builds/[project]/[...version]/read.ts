import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { fitSuites } from '@/features/build/fit-suites.ts';
import { keyOf, readRunVerdict } from '@/features/build/run-verdict.ts';
import { BuildPageDocument, type MatrixShow } from '@/graphql/graphql.ts';
import { buildPath } from '@/paths.ts';
import { type SearchParams, toHref } from '@/ui/filter.ts';

/** Suites on a page of the matrix. */
const SUITES = 20;
/** Above this many cells the matrix opens with what is wrong. */
const MANY_CELLS = 60;

const SHOWN: Record<string, MatrixShow> = { all: 'ALL', problems: 'PROBLEMS', new: 'NEWLY_FAILING' };

const one = (value: string | string[] | undefined) => [value].flat()[0] || undefined;

/** A build with a piece of its matrix: what the address names, else what is wrong, or all where there is little. */
export const readBuild = cache(async (project: string, version: string, query: string) => {
  const params: SearchParams = JSON.parse(query);
  const [after, before, failing] = [one(params.after), one(params.before), one(params.failing)];
  const verdict = readRunVerdict(params);
  const known = one(params.known);
  const named = SHOWN[one(params.show) ?? ''];
  const ask = (show: MatrixShow) => {
    const variables = {
      project,
      version,
      show,
      failing,
      verdict,
      known: known === 'all' ? true : undefined,
      knownIssue: known && /^[1-9]\d{0,8}$/.test(known) ? Number(known) : undefined,
      ...(before ? { last: SUITES, before } : { first: SUITES, after }),
    };
    const start = toHref(buildPath(project, version), params.show ? { show: [params.show].flat() } : {}, {
      verdict: verdict && keyOf(verdict),
    });
    const isPlaced = Boolean(after || before || failing);
    return askAt(BuildPageDocument, variables, { isPlaced, start }).then(({ build, ...rest }) => ({
      data: { ...rest, build: build && { ...build, suites: fitSuites(build.suites, before !== undefined) } },
      variables,
    }));
  };
  const asked = await ask(named ?? 'PROBLEMS');
  const { cellCount = 0, problemCellCount = 0 } = asked.data.build?.suites.matrix ?? {};
  const isSmall = cellCount <= MANY_CELLS || problemCellCount === 0;
  return named === undefined && isSmall && cellCount > 0 ? ask('ALL') : asked;
});
