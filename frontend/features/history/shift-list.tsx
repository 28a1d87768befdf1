import { type Better, isWorse, type Shift } from './measures.ts';

const figure = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** Where a measurement changed its level, in words: the suspects lie between the two builds. */
export function ShiftList({ shifts, better }: { shifts: readonly Shift[]; better: Better }) {
  if (shifts.length === 0) return <p className="dim">No lasting change of level in these builds.</p>;
  return (
    <ul className="shifts" data-measure>
      {shifts.map((shift) => {
        const { source, units, lastBefore, firstAfter, meanBefore, meanAfter, pValue } = shift;
        const worse = isWorse(shift, better);
        return (
          <li key={JSON.stringify([source.slug, lastBefore.version, firstAfter.version])}>
            <b className={worse ? 'fail' : undefined}>
              {source.slug} from {figure.format(meanBefore)} to {figure.format(meanAfter)}
              {units && ` ${units}`}
              {worse !== null && (worse ? ', worse' : ', better')}
            </b>{' '}
            between <span className="mono">{lastBefore.version}</span> and{' '}
            <span className="mono">{firstAfter.version}</span>{' '}
            <span className="faint">p {pValue < 1e-4 ? pValue.toExponential(1) : pValue.toFixed(4)}</span>
          </li>
        );
      })}
    </ul>
  );
}
