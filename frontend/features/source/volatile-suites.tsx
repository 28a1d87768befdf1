import { Section } from '@/ui/section.tsx';
import type { Lab } from './lab-verdict.tsx';

/** Suites whose tests cannot have a history, with the reason and what to do; nothing when there are none. */
export function VolatileSuites({ lab }: { lab: Lab }) {
  const suites = lab.volatileSuites;
  if (suites.length === 0) return null;
  return (
    <Section id="volatile" title="Case names that never repeat" caption="their tests have no history">
      <p className="dim">
        These suites put pids, addresses or times into the names of their cases. Every result is kept, but a test with a
        new name each run can be compared with nothing. Keep the name and put what changes into the log or a
        measurement.
      </p>
      <ul className="events">
        {suites.map(({ suite, example }) => (
          <li key={suite}>
            <strong>{suite}</strong>
            <span className="grow any">
              such as <code>{example}</code>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
