import Link from 'next/link';
import type { KnownByFragment } from '@/graphql/graphql.ts';
import { issuePath } from '@/paths.ts';
import { day } from '@/ui/time.tsx';
import { STATES } from './issue-words.tsx';

/** Which issue explains a failure: "known: usb hub flaps, since 3 Nov". */
export function KnownBy({ issue: { number, title, since, state } }: { issue: KnownByFragment }) {
  return (
    <span className="dim">
      known:{' '}
      <Link className="link" href={issuePath(number)} prefetch={false}>
        {title}
      </Link>
      , since <time>{day(since)}</time>
      {state !== 'ACTIVE' && `, ${STATES[state]}`}
    </span>
  );
}
