import type { ChangeRowFragment } from '@/graphql/graphql.ts';
import type { ChangeGroup } from './change-table.tsx';

/** Changes by kind, suite and device type, in their order. */
export function toGroups(
  changes: readonly ChangeRowFragment[],
  hrefOf: ((first: ChangeRowFragment) => string) | null,
): ChangeGroup[] {
  const groups = Map.groupBy(changes, ({ transition, suite, environment }) =>
    JSON.stringify([transition, environment.name, suite]),
  );
  return [...groups.values()].map((rows) => ({ href: (rows[0] && hrefOf?.(rows[0])) ?? null, rows }));
}
