import Link from 'next/link';
import type { QuarantinePageQuery } from '@/graphql/graphql.ts';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { About } from './letters.tsx';

type Opened = NonNullable<NonNullable<QuarantinePageQuery['source']>['opened']>;

type Props = { slug: string; letter: Opened; href: (query: Record<string, string | undefined>) => string };

const STRETCH = 8000;

/** A stretch of the bytes of one record, as text that nothing interprets. */
export function LetterBytes({ slug, letter, href }: Props) {
  const { number, bytes, raw, reason } = letter;
  const end = raw.from + raw.bytes;
  const at = (from: number) => href({ letter: String(number), from: from > 0 ? String(from) : undefined });
  return (
    <Section
      id="bytes"
      title={`Bytes of record ${number}`}
      caption={raw.bytes === 0 ? 'none here' : `${count(raw.from + 1)} to ${count(end)} of ${count(bytes)}`}
      more={
        <>
          {raw.from > 0 && (
            <Link href={at(Math.max(0, raw.from - STRETCH))} rel="prev" prefetch={false}>
              Before
            </Link>
          )}
          {end < bytes && (
            <Link href={at(end)} rel="next" prefetch={false}>
              After
            </Link>
          )}
          <Link href={href({})} prefetch={false}>
            Close
          </Link>
        </>
      }
    >
      <p className="any">
        <b>
          <About slug={slug} letter={letter} />
        </b>{' '}
        {reason}
      </p>
      <Scroll labelledBy="bytes" className="scroll">
        <pre className="raw all">{raw.text}</pre>
      </Scroll>
    </Section>
  );
}
