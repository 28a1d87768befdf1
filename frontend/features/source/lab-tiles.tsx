import Link from 'next/link';
import { jobsPath, quarantinePath } from '@/paths.ts';
import { duration } from '@/ui/duration.ts';
import { count, percent, plural } from '@/ui/number.ts';
import { Tiles } from '@/ui/tile.tsx';
import type { Lab } from './lab-verdict.tsx';

/** Private jobs are among what is counted. */
const FOR_ADMINS = 'only admins see how many';

export function LabTiles({ lab }: { lab: Lab }) {
  const { slug, lagSeconds, jobCount, resultCount, budget, deadLetterCount } = lab;
  const { usedLastMinute, maxPerMinute, maxConcurrent, requestsLast24h } = budget;
  const allowed = `${count(maxPerMinute)} a minute`;
  return (
    <Tiles
      tiles={[
        {
          label: 'Behind',
          value: lagSeconds === null ? '–' : duration(lagSeconds),
          detail: lagSeconds === null ? 'never read' : 'since the last complete read',
        },
        {
          label: 'Jobs stored',
          value: (
            <Link href={jobsPath({ lab: slug, checks: '1' })} prefetch={false}>
              {count(jobCount)}
            </Link>
          ),
          detail: plural(resultCount, 'result'),
        },
        {
          label: 'Asked of the master, 24 h',
          ...(requestsLast24h === null ? { value: '–' } : { value: count(requestsLast24h), unit: 'requests' }),
          detail:
            usedLastMinute === null
              ? FOR_ADMINS
              : `${percent(maxPerMinute > 0 ? usedLastMinute / maxPerMinute : 0)} of ${allowed} now, ${maxConcurrent} at once`,
        },
        {
          label: 'Master answers in',
          value: budget.p95Ms === null ? '–' : count(Math.round(budget.p95Ms)),
          unit: budget.p95Ms === null ? undefined : 'ms p95',
          detail: budget.p95Ms === null ? 'not asked yet' : undefined,
        },
        deadLetterCount === null
          ? { label: 'Quarantined', value: '–', detail: FOR_ADMINS }
          : {
              label: 'Quarantined',
              value: (
                <Link href={quarantinePath(slug)} prefetch={false}>
                  {count(deadLetterCount)}
                </Link>
              ),
              unit: deadLetterCount === 1 ? 'record' : 'records',
              detail: deadLetterCount === 0 ? 'everything was understood' : 'kept with their raw bytes',
            },
      ]}
    />
  );
}
