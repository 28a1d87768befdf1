import { Scroll } from '@/ui/scroll.tsx';
import type { Problem } from './ask.ts';
import type { Outcome } from './use-run.ts';

type At = { line: number; column: number };
type Props = { outcome: Outcome; isRunning: boolean; goTo(at: At): void };

/** What the server said: first what is wrong and where, then all of it. */
export function Answer({ outcome, isRunning, goTo }: Props) {
  const { text, head, problems } = outcome;
  return (
    <section className="answer" aria-labelledby="answer-title">
      <div className="sh">
        <h2 id="answer-title">Answer</h2>
        <span className="c" role="status" data-measure>
          {isRunning && head === '' ? 'Running' : head}
        </span>
      </div>
      {problems.length > 0 && (
        <ul className="problems" aria-label="Errors">
          {problems.map((problem) => (
            <li key={JSON.stringify(problem)} className="problem">
              {problem.extensions?.code && <code>{problem.extensions.code}</code>} {problem.message}{' '}
              <Places problem={problem} goTo={goTo} />
            </li>
          ))}
        </ul>
      )}
      <Scroll className="code" label="Answer">
        <pre>
          <code>{text || 'Nothing has been asked yet.'}</code>
        </pre>
      </Scroll>
    </section>
  );
}

function Places({ problem: { locations, path }, goTo }: { problem: Problem; goTo(at: At): void }) {
  return (
    <>
      {path && <code>{path.join('.')}</code>}{' '}
      {locations?.map((at) => (
        <button key={`${at.line} ${at.column}`} className="link" type="button" onClick={() => goTo(at)}>
          line {at.line}, column {at.column}
        </button>
      ))}
    </>
  );
}
