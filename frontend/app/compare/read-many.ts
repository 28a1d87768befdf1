import { redirect } from 'next/navigation';
import { cache } from 'react';
import { ApiError, ask, askAt } from '@/api-client.ts';
import { addressOf } from '@/features/compare/address.ts';
import { type ManyAsked, MOST_SIDES, manyAddress, readMany, sidesOf } from '@/features/compare/many-address.ts';
import {
  CompareSidesDocument,
  type CompareSidesQuery,
  ManySidesPageDocument,
  type ManySidesPageQuery,
  type ManySidesPageQueryVariables,
} from '@/graphql/graphql.ts';
import type { SearchParams } from '@/ui/filter.ts';

const ROWS = 50;

export type FoundMany = {
  asked: ManyAsked;
  /** What may be chosen. */
  offered: CompareSidesQuery;
  /** Why nothing is compared, in words. */
  problem: string | null;
  comparison: ManySidesPageQuery['compareMany'] | null;
  variables: ManySidesPageQueryVariables | null;
};

/** The comparison of many sides that an address asks for; null when it asks for none. Two have a page of their own. */
export const readManySides = cache(async (query: string): Promise<FoundMany | null> => {
  const params: SearchParams = JSON.parse(query);
  const given = readMany(params);
  if (!given) return null;
  const { project } = given;
  const offered = await ask(CompareSidesDocument, { project, base: '', target: '', hasBase: false, hasTarget: false });
  const newest = offered.project?.newest.nodes[0]?.version;
  const asked = { ...given, builds: given.builds.length > 0 ? given.builds : [newest ?? []].flat() };
  const sides = sidesOf(asked);
  const none = { asked, offered, comparison: null, variables: null };
  const [a, b] = sides;
  if (!a || !b) return { ...none, problem: 'One side cannot be compared: name another build, lab or device type.' };
  if (sides.length > MOST_SIDES)
    return { ...none, problem: `The address names ${sides.length} sides: at most ${MOST_SIDES} are compared.` };
  if (sides.length === 2) {
    const [base, target] = [a, b];
    redirect(
      addressOf({
        project,
        ...{ base: base.version, baseLab: base.source, baseType: base.deviceType },
        ...{ target: target.version, targetLab: target.source, targetType: target.deviceType },
        ...{ show: asked.show === 'PASS_TO_FAIL' ? null : asked.show, suite: asked.suite },
      }),
    );
  }
  const variables: ManySidesPageQueryVariables = {
    ...{ project, sides, show: [asked.show], suite: asked.suite },
    side: asked.side !== undefined && asked.side < sides.length ? asked.side : undefined,
    ...(asked.before ? { last: ROWS, before: asked.before } : { first: ROWS, after: asked.after }),
  };
  try {
    const isPlaced = Boolean(asked.after || asked.before);
    const { compareMany } = await askAt(ManySidesPageDocument, variables, { isPlaced, start: manyAddress(asked) });
    return {
      ...none,
      asked: { ...asked, side: variables.side ?? undefined },
      problem: null,
      comparison: compareMany,
      variables,
    };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'NOT_FOUND')
      return { ...none, problem: error.message.replace(/^compareMany: /, '') };
    throw error;
  }
});
