import { jobsPath, quarantinePath, resultsPath } from '@/paths.ts';
import { Counted, Measure } from '@/ui/count.tsx';
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
          value: lagSeconds === null ? '–' : <Measure>{duration(lagSeconds)}</Measure>,
          detail: lagSeconds === null ? 'never read' : 'since the last complete read',
        },
        {
          label: 'Jobs stored',
          value: <Counted value={jobCount} href={jobsPath({ lab: slug, checks: '1' })} />,
          detail: (
            <Counted value={resultCount} href={resultsPath({ lab: slug, checks: '1' })}>
              {plural(resultCount, 'result')}
            </Counted>
          ),
        },
        {
          label: 'Asked of the master, 24 h',
          ...(requestsLast24h === null
            ? { value: '–' }
            : { value: <Measure>{count(requestsLast24h)}</Measure>, unit: 'requests' }),
          detail:
            usedLastMinute === null ? (
              FOR_ADMINS
            ) : (
              <Measure>
                {`${percent(maxPerMinute > 0 ? usedLastMinute / maxPerMinute : 0)} of ${allowed} now, ${maxConcurrent} at once`}
              </Measure>
            ),
        },
        {
          label: 'Master answers in',
          value: budget.p95Ms === null ? '–' : <Measure>{count(Math.round(budget.p95Ms))}</Measure>,
          unit: budget.p95Ms === null ? undefined : 'ms p95',
          detail: budget.p95Ms === null ? 'not asked yet' : undefined,
        },
        deadLetterCount === null
          ? { label: 'Quarantined', value: '–', detail: FOR_ADMINS }
          : {
              label: 'Quarantined',
              value: <Counted value={deadLetterCount} href={quarantinePath(slug)} />,
              unit: deadLetterCount === 1 ? 'record' : 'records',
              detail: deadLetterCount === 0 ? 'everything was understood' : 'kept with their raw bytes',
            },
      ]}
    />
  );
}
