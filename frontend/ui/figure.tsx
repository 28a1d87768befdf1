import Link from 'next/link';
import { count } from './number.ts';

/** A number that leads to what it counts; zero is faint and leads nowhere. */
export function Figure({
  value,
  href,
  tone,
  strong,
}: {
  value: number;
  href?: string;
  tone?: 'fail' | 'infra' | 'warn';
  strong?: boolean;
}) {
  if (value === 0) return <span className="faint">0</span>;
  const className = [tone, strong && 'strong'].filter(Boolean).join(' ') || undefined;
  return href ? (
    <Link className={className} href={href} prefetch={false} data-count={value}>
      {count(value)}
    </Link>
  ) : (
    <span className={className}>{count(value)}</span>
  );
}
