import { cache } from 'react';
import { ask, askAt } from '@/api-client.ts';
import { type Asked, addressOf, readAsked } from '@/features/compare/address.ts';
import {
  ComparePageDocument,
  type ComparePageQuery,
  type ComparePageQueryVariables,
  CompareSidesDocument,
  type CompareSidesQuery,
  type SideBuildFragment,
} from '@/graphql/graphql.ts';
import type { SearchParams } from '@/ui/filter.ts';

const ROWS = 50;
const FEW_DIFFERENCES = 20;
const ALL_DIFFERENCES = 1_000;

export type Found = {
  /** As the address has it, with the sides that it leaves to us. */
  asked: Asked & { project: string };
  sides: CompareSidesQuery;
  base: SideBuildFragment | null;
  target: SideBuildFragment | null;
  /** Why there is no comparison, in words. */
  problem: string | null;
  comparison: ComparePageQuery['compare'] | null;
  variables: ComparePageQueryVariables | null;
};

/** The comparison that an address asks for: its target is the newest build and its base the one before, unless it names them. */
export const readComparison = cache(async (query: string): Promise<Found | null> => {
  const params: SearchParams = JSON.parse(query);
  const given = readAsked(params);
  const { project } = given;
  if (!project) return null;
  const [hasBase, hasTarget] = [given.base !== undefined, given.target !== undefined];
  const names = { base: given.base ?? '', target: given.target ?? '' };
  const sides = await ask(CompareSidesDocument, { project, ...names, hasBase, hasTarget });
  const target = (hasTarget ? sides.target : sides.project?.newest.nodes[0]) ?? null;
  const base = (hasBase ? sides.base : target?.previous) ?? null;
  const asked = {
    ...given,
    project,
    base: given.base ?? base?.version,
    target: given.target ?? target?.version,
  };
  const none = { asked, sides, base, target, comparison: null, variables: null };
  const problem = problemOf(asked, sides, base, target);
  if (problem !== null || !base || !target) return { ...none, problem };
  const refOf = ({ version, branch }: SideBuildFragment, source?: string, deviceType?: string) => ({
    version,
    branch,
    source,
    deviceType,
  });
  const variables: ComparePageQueryVariables = {
    project,
    base: refOf(base, asked.baseLab, asked.baseType),
    target: refOf(target, asked.targetLab, asked.targetType),
    show: [asked.show ?? 'PASS_TO_FAIL'],
    withFixed: asked.show === null && !asked.after && !asked.before,
    scope: asked.type === undefined ? undefined : { deviceTypes: [asked.type] },
    suite: asked.suite,
    differences: asked.differences === 'all' ? ALL_DIFFERENCES : FEW_DIFFERENCES,
    ...(asked.before ? { last: ROWS, before: asked.before } : { first: ROWS, after: asked.after }),
  };
  const isPlaced = Boolean(asked.after || asked.before);
  const { compare } = await askAt(ComparePageDocument, variables, { isPlaced, start: addressOf(asked) });
  return { ...none, problem: null, comparison: compare, variables };
});

function problemOf(
  { project, base: baseVersion, target: targetVersion, baseLab, targetLab }: Found['asked'],
  { coverage }: CompareSidesQuery,
  base: SideBuildFragment | null,
  target: SideBuildFragment | null,
): string | null {
  for (const [letter, build, version] of [
    ['A', base, baseVersion],
    ['B', target, targetVersion],
  ] as const) {
    if (!build && version !== undefined) return `${project} has no build ${version}, which ${letter} names.`;
  }
  if (!target) return `${project} has no build yet.`;
  if (!base) return `There is no build before ${target.version} on its branch: choose what A is.`;
  for (const lab of [baseLab, targetLab]) {
    if (lab && !coverage.sources.some(({ source }) => source.slug === lab)) return `There is no lab ${lab}.`;
  }
  return null;
}
