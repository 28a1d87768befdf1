import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { Section } from '@/ui/section.tsx';
import { Status } from '@/ui/status.tsx';
import { Age, Instant } from '@/ui/time.tsx';
import { abilityInWords, lackingInWords } from './ability-words.ts';

type Source = NonNullable<SyncPageQuery['source']>;

/** "+0.4", "-1.0", "0.0": as the master's clock goes before ours or after. */
function signed(seconds: number): string {
  const text = Math.abs(seconds).toFixed(1);
  return text === '0.0' ? text : `${seconds > 0 ? '+' : '-'}${text}`;
}

/** What the probe found the master to be and to be able to. */
export function Abilities({ source }: { source: Source }) {
  const { version, abilities, probedAt, whoAmI, warnings, clockSkewSeconds } = source;
  const names = abilities.map(({ name }) => name);
  return (
    <Section
      id="abilities"
      title="Abilities"
      caption={
        probedAt ? (
          <>
            found by asking, last <Age at={probedAt} suffix=" ago" />
          </>
        ) : (
          'found by asking'
        )
      }
    >
      {names.length === 0 ? (
        <p className="dim">The master has not been asked yet what it can do: the first sync does.</p>
      ) : (
        <table className="kv">
          <tbody>
            <tr>
              <th scope="row">LAVA</th>
              <td>{version ?? <span className="faint">does not say its version</span>}</td>
            </tr>
            {whoAmI !== null && (
              <tr>
                <th scope="row">Read as</th>
                <td className="mono">{whoAmI}</td>
              </tr>
            )}
            {clockSkewSeconds !== null && (
              <tr>
                <th scope="row">Clock</th>
                <td>{signed(clockSkewSeconds)} s against ours</td>
              </tr>
            )}
            {abilities.map(({ name, since }) => (
              <tr key={name}>
                <th scope="row">{abilityInWords(name).name}</th>
                <td className="any" data-measure>
                  {abilityInWords(name).means}
                  {since && (
                    <span className="faint">
                      {' '}
                      since <Instant at={since} seconds={false} />
                    </span>
                  )}
                </td>
              </tr>
            ))}
            {lackingInWords(names).map(({ name, means }) => (
              <tr key={name}>
                <th scope="row" className="dim">
                  {name}
                </th>
                <td className="any dim">{means}</td>
              </tr>
            ))}
            {warnings?.map((text) => (
              <tr key={text}>
                <th scope="row">
                  <Status shape="warn" tone="warn" word="warning" />
                </th>
                <td className="any">{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
