'use client';
import type { ReactNode } from 'react';
import type { SaidFragment } from '@/graphql/graphql.ts';
import { KnownBy } from '../known-issue/known-by.tsx';
import { SaidTag, StateTag } from './said.tsx';
import { useDesk } from './triage-context.ts';
import { TriageForm } from './triage-form.tsx';

type Props = { fingerprint: string; title: string; said: SaidFragment | null; next: string; children: ReactNode };

/** A row that goes as soon as something is said of it, and comes back where that is refused. */
export function TriageRow({ fingerprint, title, said, next, children }: Props) {
  const desk = useDesk();
  if (!desk) {
    return (
      <tr>
        {children}
        <td>{said && <RowSaid said={said} />}</td>
      </tr>
    );
  }
  if (desk.isHidden(fingerprint)) return null;
  const isSelected = desk.isSelected(fingerprint);
  const now = desk.saidNow(fingerprint);
  return (
    <tr data-group={fingerprint} className={isSelected ? 'chosen' : undefined}>
      <td className="pickrow">
        <label>
          <input type="checkbox" checked={isSelected} onChange={() => desk.select(fingerprint)} />
          <span className="sr">Select {title}</span>
        </label>
      </td>
      {children}
      <td className="p2">
        {now === undefined ? said && <RowSaid said={said} /> : now && <StateTag state={now} />}
        <TriageForm
          key={now ?? said?.state}
          fingerprint={fingerprint}
          title={title}
          state={now === undefined ? said?.state : (now ?? undefined)}
          next={next}
          onSay={(state) => desk.say(fingerprint, state)}
        />
      </td>
    </tr>
  );
}

function RowSaid({ said }: { said: SaidFragment }) {
  return (
    <>
      <SaidTag said={said} />
      {said.knownIssue && (
        <span className="sub">
          <KnownBy issue={said.knownIssue} />
        </span>
      )}
    </>
  );
}

/** Why nothing was said of it: in a cell that every width shows. */
export function Refusal({ fingerprint }: { fingerprint: string }) {
  const refusal = useDesk()?.refusalOf(fingerprint);
  return refusal && <p className="problem">{refusal}</p>;
}
