import type { LabPageQuery } from '@/graphql/graphql.ts';
import { plural } from '@/ui/number.ts';

type Retention = NonNullable<LabPageQuery['source']>['retention'];

const PARTS = [
  ['logs', 'logs'],
  ['detail', 'details'],
  ['results', 'results'],
  ['rollups', 'jobs'],
] as const;

/** How long the parts of a job are kept, in words. */
export function keptText(retention: Retention): string {
  const limited = PARTS.flatMap(([part, name]) => {
    const days = retention[part];
    return days === null ? [] : [`${name} ${plural(days, 'day')}`];
  });
  return limited.length === 0
    ? 'everything'
    : `${limited.join(', ')}${retention.rollups === null ? ', the rest for ever' : ''}`;
}
