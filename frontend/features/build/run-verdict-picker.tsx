import Link from 'next/link';
import type { RunVerdict } from '@/graphql/graphql.ts';
import { plural } from '@/ui/number.ts';
import { inWords, RUN_VERDICTS } from './run-verdict.ts';

type Props = {
  chosen: RunVerdict | undefined;
  /** Cells in which a lab ran the suite more than once. */
  cells: number;
  hrefOf: (key: string | undefined) => string;
};

/** How runs of the same suite are counted, and links that count them otherwise. */
export function RunVerdictPicker({ chosen, cells, hrefOf }: Props) {
  if (!chosen && cells === 0) return null;
  const choices = [{ verdict: undefined, key: undefined, words: 'every run' }, ...RUN_VERDICTS];
  return (
    <nav className="filters mf" aria-label="How runs of the same suite count">
      <span>
        {chosen ? inWords(chosen) : 'Every run of a suite counts.'}{' '}
        <span className="dim" data-measure>
          {cells > 0
            ? `A lab ran a suite more than once in ${plural(cells, 'cell')}.`
            : 'No lab ran a suite more than once.'}
        </span>
      </span>
      {choices.map(({ verdict, key, words }) => (
        <Link
          key={words}
          className="chip"
          href={hrefOf(key)}
          scroll={false}
          prefetch={false}
          aria-current={verdict === chosen ? 'true' : undefined}
        >
          {words}
        </Link>
      ))}
    </nav>
  );
}
