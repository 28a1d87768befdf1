'use client';
import Link from 'next/link';
import { labPath } from '@/paths.ts';
import { type CoverageOfLab, currentLabs, isCurrent, isStoreOld, storeInWords, verdictOfSource } from './coverage.ts';
import { duration, roughly } from './duration.ts';
import { Glyph } from './glyph.tsx';
import { plural } from './number.ts';
import { Status } from './status.tsx';

type Props = { labs: readonly CoverageOfLab[]; storeLagSeconds: number };

/** How fresh and how complete the page is; the popover says it lab by lab. */
export function CoverageChip({ labs, storeLagSeconds }: Props) {
  const isOld = isStoreOld(storeLagSeconds);
  const current = currentLabs(labs, storeLagSeconds);
  const behind = labs
    .filter((lab) => !isCurrent(lab))
    .toSorted((a, b) => (b.lagSeconds ?? Infinity) - (a.lagSeconds ?? Infinity));
  const [worst] = behind;
  const why = isOld ? `database ${roughly(storeLagSeconds)} behind` : worst && whyBehind(worst);
  return (
    <details className="pick fresh" name="floating">
      <summary>
        <Glyph
          shape={why ? 'warn' : labs.length > 0 ? 'pass' : 'queued'}
          tone={why ? 'warn' : labs.length > 0 ? 'pass' : 'faint'}
        />
        <span className="ft">
          {labs.length === 0 ? 'No labs' : `${current.length} of ${plural(labs.length, 'lab')}`}
        </span>
        {why && <span className="faint fs">{why}</span>}
      </summary>
      <div className="pop">
        <h2>What this page covers</h2>
        {labs.length > 0 && <CoverageTable labs={labs} />}
        <p className="dim">{isOld ? storeInWords(storeLagSeconds) : inWords(labs, behind)}</p>
      </div>
    </details>
  );
}

function whyBehind({ slug, status, lagSeconds }: CoverageOfLab): string {
  if (status === 'HEALTHY') return `${slug} has gaps`;
  return lagSeconds === null ? `${slug} not read yet` : `${slug} ${roughly(lagSeconds)} behind`;
}

function CoverageTable({ labs }: { labs: readonly CoverageOfLab[] }) {
  return (
    <table>
      <caption className="sr">Freshness by lab</caption>
      <thead className="sr">
        <tr>
          <th scope="col">Lab</th>
          <th scope="col">State</th>
          <th scope="col">Behind</th>
        </tr>
      </thead>
      <tbody>
        {labs.map(({ slug, status, lagSeconds, openGaps }) => (
          <tr key={slug}>
            <th scope="row">
              <Link href={labPath(slug)} prefetch={false}>
                {slug}
              </Link>
            </th>
            <td>
              <Status {...verdictOfSource(status)}>
                {openGaps !== 0 && (
                  <span className="faint">, {openGaps === null ? 'open gaps' : plural(openGaps, 'open gap')}</span>
                )}
              </Status>
            </td>
            <td className="num">{lagSeconds === null ? '–' : duration(lagSeconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inWords(labs: readonly CoverageOfLab[], behind: readonly CoverageOfLab[]): string {
  if (labs.length === 0) return 'No lab is configured, or none that you may see.';
  if (behind.length === 0) return 'Every lab is read up to now; nothing is left out.';
  return behind
    .map(({ slug, status, asOf }) =>
      status === 'HEALTHY'
        ? `${slug} is read up to now, but for jobs that could not be understood.`
        : asOf
          ? `Numbers include ${slug} up to ${asOf.slice(0, 10)} ${asOf.slice(11, 16)} UTC.`
          : `${slug} has not been read yet and is not counted.`,
    )
    .join(' ');
}
