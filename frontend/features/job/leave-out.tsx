'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import type { CaseRowFragment } from '@/graphql/graphql.ts';
import { count, plural } from '@/ui/number.ts';
import { Problems } from '@/ui/problem-list.tsx';
import { useChange } from '@/ui/use-change.ts';
import { useIsClient } from '@/ui/use-is-client.ts';

type Props = {
  cases: readonly Pick<CaseRowFragment, 'id' | 'name' | 'suite'>[];
  /** Failing cases of the job; those beyond the ones above cannot be chosen here. */
  total: number;
  query: string;
};

/** For who may triage: failing results that say nothing of the test are left out of the numbers, with the reason. */
export function LeaveOut({ cases, total, query }: Props) {
  const isClient = useIsClient();
  const router = useRouter();
  const { problems, isBusy, change } = useChange();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (ids: readonly string[], on: boolean) =>
    setChosen((before) => {
      const after = new Set(before);
      for (const id of ids) on ? after.add(id) : after.delete(id);
      return after;
    });
  const there = cases.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const leaveOut = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get('reason');
    if (await change(query, { testCases: there, reason })) {
      setChosen(new Set());
      router.refresh();
    }
  };
  return (
    <details className="leaveout">
      <summary className="btn ghost">Leave results out of the numbers</summary>
      <form className="form" onSubmit={leaveOut}>
        <p className="dim">
          They count as skipped here, in the build and in every history. What the master says is kept, and they can be
          taken back.
        </p>
        <fieldset className="picks">
          <legend>
            Failing results{total > cases.length && `, the first ${count(cases.length)} of ${count(total)}`}
          </legend>
          {cases.length > 1 && (
            <label>
              <input
                type="checkbox"
                checked={there.length === cases.length}
                onChange={({ target }) =>
                  choose(
                    cases.map(({ id }) => id),
                    target.checked,
                  )
                }
              />{' '}
              All
            </label>
          )}
          {cases.map(({ id, name, suite }) => (
            <label key={id}>
              <input type="checkbox" checked={chosen.has(id)} onChange={({ target }) => choose([id], target.checked)} />{' '}
              <span className="mono">{name}</span> <span className="faint mono">{suite}</span>
            </label>
          ))}
          <Problems problems={problems} of="testCases" />
        </fieldset>
        <label className="field">
          <span>Why</span>
          <input name="reason" required maxLength={500} placeholder="The board's network cable was unplugged" />
        </label>
        <Problems problems={problems} of="reason" />
        <Problems problems={problems} of={null} />
        <p>
          <button className="btn" type="submit" disabled={!isClient || isBusy || there.length === 0}>
            {there.length === 0 ? 'Leave out' : `Leave ${plural(there.length, 'result')} out`}
          </button>
        </p>
      </form>
    </details>
  );
}
