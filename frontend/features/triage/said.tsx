import type { SaidFragment, TriageState } from '@/graphql/graphql.ts';
import { LinkedText } from '@/ui/linked-text.tsx';
import { Tag } from '@/ui/tag.tsx';
import { Age } from '@/ui/time.tsx';
import { KnownBy } from '../known-issue/known-by.tsx';
import { WORDS } from './triage-words.ts';

const TONES = { BUG: 'code', INFRASTRUCTURE: 'lab', FLAKY: 'flaky', CODE: 'code', IGNORED: undefined } as const;

export function SaidTag({ said }: { said: Pick<SaidFragment, 'state' | 'isRecurring'> }) {
  return (
    <>
      <StateTag state={said.state} /> {said.isRecurring && <Tag tone="new">fails again</Tag>}
    </>
  );
}

export function StateTag({ state }: { state: TriageState }) {
  return <Tag tone={TONES[state]}>{WORDS[state].toLowerCase()}</Tag>;
}

/** What somebody has said of a failure: what, who, when, the issue that it is, and the comment with its addresses as links. */
export function Said({ said }: { said: SaidFragment }) {
  return (
    <p>
      <SaidTag said={said} /> says {said.by}, <Age at={said.at} suffix=" ago" />
      {said.knownIssue && (
        <>
          {'; '}
          <KnownBy issue={said.knownIssue} />
        </>
      )}
      {said.comment && (
        <>
          {': '}
          <LinkedText text={said.comment} />
        </>
      )}
    </p>
  );
}
