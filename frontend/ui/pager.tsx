import Link from 'next/link';
import type { ReactNode } from 'react';
import { Icon } from './glyph.tsx';

export type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor?: string | null;
  endCursor?: string | null;
};

type Props = {
  page: PageInfo;
  href: (cursor: Record<string, string | undefined>) => string;
  caption: ReactNode;
  /** Of the list, where the caption says one. */
  total?: number;
  words?: readonly [back: string, on: string];
  /** Where a page has several. */
  label?: string;
};

/** Walks a keyset list: never a page number, so nothing is skipped or repeated while rows arrive. */
export function Pager({ page, href, caption, total, words: [back, on] = ['Newer', 'Older'], label = 'Pages' }: Props) {
  const newer = page.hasPreviousPage && page.startCursor ? href({ before: page.startCursor, after: undefined }) : null;
  const older = page.hasNextPage && page.endCursor ? href({ after: page.endCursor, before: undefined }) : null;
  return (
    <nav className="pager" aria-label={label}>
      <span className="dim" data-total={total}>
        {caption}
      </span>
      {newer && (
        <Link className="btn" href={newer} rel="prev" prefetch={false}>
          <Icon name="left" />
          {back}
        </Link>
      )}
      {older && (
        <Link className="btn" href={older} rel="next" prefetch={false}>
          {on}
          <Icon name="right" />
        </Link>
      )}
    </nav>
  );
}
