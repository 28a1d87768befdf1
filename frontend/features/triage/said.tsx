import type { SaidFragment, TriageState } from '@/graphql/graphql.ts';
import { Tag } from '@/ui/tag.tsx';
import { Age } from '@/ui/time.tsx';
import { partsOf, WORDS } from './triage-words.ts';

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

/** What somebody has said of a failure: what, who, when, and the comment with its addresses as links. */
export function Said({ said }: { said: SaidFragment }) {
  return (
    <p>
      <SaidTag said={said} /> says {said.by}, <Age at={said.at} suffix=" ago" />
      {said.comment && (
        <>
          {': '}
          <Comment text={said.comment} />
        </>
      )}
    </p>
  );
}

function Comment({ text }: { text: string }) {
  return partsOf(text).map(({ text: part, href }, i) =>
    href ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
      <a key={i} href={href} rel="noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
