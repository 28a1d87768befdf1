import type { AttributionFragment } from '@/graphql/graphql.ts';
import { beyond } from './beyond.ts';
import { CauseTag, percent, WORD } from './cause-tag.tsx';

/** The cause and what speaks most for it in a line, which opens to all of it. */
export function Cause({ of, open }: { of: AttributionFragment; open?: boolean }) {
  const [first] = of.evidence;
  return (
    <details className="cause" open={open} data-measure>
      <summary>
        <CauseTag of={of} /> <span className="dim">{first?.text ?? 'Nothing else ran to compare it with.'}</span>
      </summary>
      <Evidence of={of} />
    </details>
  );
}

/** The same under a row of a table. */
export function CauseRow({ of, columns }: { of: AttributionFragment; columns: number }) {
  return (
    <tr className="causerow">
      <td colSpan={columns}>
        <Cause of={of} />
      </td>
    </tr>
  );
}

function Evidence({ of: { probabilities, evidence } }: { of: AttributionFragment }) {
  return (
    <div className="attr">
      <table className="post">
        <caption className="sr">Likely cause</caption>
        <tbody>
          {probabilities
            .toSorted((a, b) => b.value - a.value)
            .map(({ culprit, value }) => (
              <tr key={culprit}>
                <th scope="row">{WORD[culprit]}</th>
                <td>
                  <svg className="pb" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={100 * value} height="6" />
                  </svg>
                </td>
                <td className="num">{percent(value)}</td>
              </tr>
            ))}
        </tbody>
      </table>
      <ul className="ev">
        {evidence.map(({ kind, text, weight, url }) => (
          <li key={kind}>
            <span className="w">{signed(weight)}</span>{' '}
            <a className="n" href={url}>
              {text}
              <span className="sr">{beyond(url)}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Log odds for the most likely one: "+3.1", "−0.4". */
function signed(weight: number): string {
  const size = Math.abs(weight).toFixed(1);
  return size === '0.0' ? '0' : weight < 0 ? `−${size}` : `+${size}`;
}
