import Link from 'next/link';
import type { SplitFragment, SplitInput, TrySplitQuery } from '@/graphql/graphql.ts';
import { failurePath } from '@/paths.ts';
import { Counted } from '@/ui/count.tsx';
import { plural } from '@/ui/number.ts';
import { Age } from '@/ui/time.tsx';
import { WAY, WAYS, wayOf } from './split-words.ts';

type Split = SplitFragment;

/** Who took the failure out of another, and the way back. */
export function SplitFrom({ split, mayTriage }: { split: Split; mayTriage: boolean }) {
  const { title, fingerprint, left } = split;
  return (
    <div className="say">
      <span data-measure>
        Split from{' '}
        {left > 0 ? (
          <Link className="link" href={failurePath(fingerprint)} prefetch={false}>
            {title}
          </Link>
        ) : (
          <b>{title}</b>
        )}{' '}
        by {wayOf(split)}, by {split.by} <Age at={split.at} suffix=" ago" />: {split.reason}
      </span>
      {mayTriage && <UndoSplit split={split} />}
    </div>
  );
}

/** What people took out of a failure, and the way back. */
export function SplitOff({ splits, mayTriage }: { splits: readonly Split[]; mayTriage: boolean }) {
  if (splits.length === 0) return null;
  return (
    <ul className="list">
      {splits.map((split) => (
        <li key={split.id}>
          <div>
            <span data-measure>
              <b>Split by {wayOf(split)}</b>, by {split.by} <Age at={split.at} suffix=" ago" />: {split.reason}
              {!split.isDone && ' Jobs that are stored are still being moved.'}
            </span>
            <ul className="plain">
              {split.parts.map((part) => (
                <li key={part.fingerprint}>
                  <Link className="link" href={failurePath(part.fingerprint)} prefetch={false}>
                    {part.title}
                  </Link>{' '}
                  <Counted className="link n" value={part.count} href={failurePath(part.fingerprint)}>
                    {plural(part.count, 'job')}
                  </Counted>
                </li>
              ))}
            </ul>
          </div>
          {mayTriage && <UndoSplit split={split} />}
        </li>
      ))}
    </ul>
  );
}

function UndoSplit({ split }: { split: Split }) {
  return (
    <form method="post" action="/triage">
      <input type="hidden" name="next" value={failurePath(split.fingerprint)} />
      <input type="hidden" name="unsplit" value={split.id} />
      <button className="btn" type="submit" aria-label={`Undo the split by ${wayOf(split)}`}>
        Undo
      </button>
    </form>
  );
}

type Props = {
  /** What is tried; null until something is. */
  input: SplitInput | null;
  trial: TrySplitQuery['trySplit'] | null;
  here: string;
};

/** Takes a failure apart, after saying into what. Works without script. */
export function SplitForm({ input, trial, here }: Props) {
  const problem = trial?.userErrors[0];
  if (input && trial && !problem) return <SplitTrial input={input} trial={trial} here={here} />;
  return (
    <details open={problem !== undefined}>
      <summary>Two failures in one</summary>
      {problem && (
        <p className="problem" role="alert">
          {problem.message}
        </p>
      )}
      <form className="say" method="get" action={here.split('?')[0]}>
        <select name="by" defaultValue={input?.by ?? 'MESSAGE'} aria-label="By what it is split">
          {WAYS.map((way) => (
            <option key={way} value={way}>
              {WAY[way]}
            </option>
          ))}
        </select>
        <input
          name="value"
          maxLength={500}
          size={40}
          defaultValue={input?.value ?? ''}
          placeholder="Pattern of the message; or one lab or type"
          aria-label="Pattern of the message (RE2); or the one lab or device type that is taken out, each where it is empty"
        />
        <button className="btn" type="submit">
          See what would be split
        </button>
      </form>
    </details>
  );
}

function SplitTrial({ input, trial, here }: Props & { input: SplitInput; trial: TrySplitQuery['trySplit'] }) {
  const { fingerprint, by, value = null } = input;
  return (
    <form className="say" method="post" action="/triage">
      <div data-measure>
        <p role="status">
          Split by {wayOf({ splitBy: by, value })}. {trial.sentence} Jobs to come would be split the same way.
        </p>
        <ul className="plain">
          {trial.parts.map((part) => (
            <li key={part.fingerprint}>
              {part.title}: {plural(part.count, 'job')}
            </li>
          ))}
        </ul>
      </div>
      <input type="hidden" name="split" value={fingerprint} />
      <input type="hidden" name="by" value={by} />
      <input type="hidden" name="value" value={value ?? ''} />
      <input type="hidden" name="next" value={here} />
      <input name="reason" required maxLength={2000} placeholder="Why they are not the same" aria-label="Why" />
      <button className="btn primary" type="submit">
        Split
      </button>
      <a className="btn" href={here}>
        Cancel
      </a>
    </form>
  );
}
