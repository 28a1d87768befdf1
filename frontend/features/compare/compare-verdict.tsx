import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Transition } from '@/graphql/graphql.ts';
import { Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { type Asked, addressOf } from './address.ts';
import { type Counts, countOf, TRANSITIONS } from './transitions.ts';

type Props = { counts: Counts; pairCount: number; asked: Asked };

/** "7 worse, 9 fixed". */
export function titleOf(counts: Counts): string {
  return `${count(countOf(counts, 'PASS_TO_FAIL'))} worse, ${count(countOf(counts, 'FAIL_TO_PASS'))} fixed`;
}

/** The comparison in a sentence; the same counters as the chips below it. */
export function CompareVerdict({ counts, pairCount, asked }: Props) {
  const [worse, fixed, still, newFail] = (['PASS_TO_FAIL', 'FAIL_TO_PASS', 'STILL_FAILING', 'NEW_FAIL'] as const).map(
    (transition) => ({ n: countOf(counts, transition), href: addressOf(asked, { show: transition }) }),
  );
  return (
    <p className="verdict">
      <Part of={worse} tone="fail" words={['Nothing got worse', 'got worse', 'got worse']} />,{' '}
      <Part of={fixed} tone="pass" words={['nothing is fixed', 'is fixed', 'are fixed']} />,{' '}
      <Part of={still} words={['none still fails', 'still fails', 'still fail']} />.{' '}
      {newFail && newFail.n > 0 && (
        <>
          <Link href={newFail.href} prefetch={false} data-count={newFail.n}>
            {plural(newFail.n, 'new test')}
          </Link>{' '}
          {newFail.n === 1 ? 'fails' : 'fail'}.{' '}
        </>
      )}
      <span className="dim" data-measure>
        {plural(pairCount, 'pair')} compared: the same suite and test
        {asked.baseType && asked.targetType
          ? ` on ${asked.baseType} and ${asked.targetType}`
          : ', on the same device type'}
        .
      </span>
    </p>
  );
}

type PartProps = {
  of: { n: number; href: string } | undefined;
  tone?: 'fail' | 'pass';
  words: readonly [none: string, one: string, many: string];
};

function Part({ of, tone, words: [none, one, many] }: PartProps) {
  if (!of || of.n === 0) return none;
  const said = (
    <>
      <Link href={of.href} prefetch={false} data-count={of.n}>
        {count(of.n)}
      </Link>{' '}
      {of.n === 1 ? one : many}
    </>
  );
  return tone ? <b className={tone}>{said}</b> : said;
}

type ChipsProps = {
  counts: Counts;
  shown: Transition;
  hrefOf: (show: Transition) => string;
  /** Where there is more than one other side. */
  missing?: string;
  children?: ReactNode;
};

/** One chip a transition: its number is the total of the list that it opens. */
export function TransitionChips({ counts, shown, hrefOf, missing, children }: ChipsProps) {
  return (
    <nav className="filters" aria-label="What became of tests">
      {TRANSITIONS.map(({ transition, title }) => (
        <Link
          key={transition}
          className="chip"
          href={hrefOf(transition)}
          aria-current={transition === shown ? 'true' : undefined}
          scroll={false}
          prefetch={false}
          data-count={countOf(counts, transition)}
        >
          {transition === 'MISSING' && missing ? missing : title} <b>{count(countOf(counts, transition))}</b>
        </Link>
      ))}
      {children}
    </nav>
  );
}

/** What the comparison is narrowed to, each to be taken away. */
export function NarrowedTo({ asked }: { asked: Asked }) {
  return (['suite', 'type'] as const).map(
    (key) =>
      asked[key] !== undefined && (
        <Narrowed
          key={key}
          label={key === 'type' ? 'device type' : key}
          value={asked[key]}
          href={addressOf(asked, { [key]: undefined })}
        />
      ),
  );
}

function Narrowed({ label, value, href }: { label: string; value: string; href: string }) {
  return (
    <Link className="chip" href={href} prefetch={false}>
      <span className="k">{label}</span>
      <span className="val">{value}</span>
      <Icon name="x" />
      <span className="sr">remove filter</span>
    </Link>
  );
}
