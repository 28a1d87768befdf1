import { shortestPrefixes } from './shortest-prefix.ts';

export type LabVerdict = { slug: string; verdict: 'pass' | 'fail' | 'infra' | 'skip' | 'unknown' | 'none' };

const CLASS = { pass: undefined, fail: 'f', infra: 'i', skip: 's', unknown: 's', none: 'm' } as const;
const WORD = {
  pass: 'pass',
  fail: 'fail',
  infra: 'infrastructure',
  skip: 'skip',
  unknown: 'unknown',
  none: 'not run',
} as const;

/** One square a lab, in the same order everywhere. */
export function LabLetters({ labs, all }: { labs: readonly LabVerdict[]; all: readonly string[] }) {
  const letters = shortestPrefixes(all);
  return (
    <span
      className="labs"
      role="img"
      aria-label={labs.map(({ slug, verdict }) => `${slug} ${WORD[verdict]}`).join(', ')}
    >
      {labs.map(({ slug, verdict }) => (
        <span key={slug} className={CLASS[verdict]} title={`${slug}: ${WORD[verdict]}`}>
          {verdict === 'none' ? '·' : (letters.get(slug) ?? slug)}
        </span>
      ))}
    </span>
  );
}
