import Link from 'next/link';
import type { ReactNode } from 'react';
import { count } from './number.ts';

type Props = { value: number; href: string; className?: string; children?: ReactNode };

/** A number that leads to the list it counts: a test follows it and compares (test/e2e/counts.spec.ts). */
export function Counted({ value, href, className, children }: Props) {
  return (
    <Link className={className} href={href} prefetch={false} data-count={value}>
      {children ?? count(value)}
    </Link>
  );
}

/** Numbers that count no list: times, rates, samples, what somebody else has said. */
export function Measure({ children }: { children: ReactNode }) {
  return <span data-measure>{children}</span>;
}
