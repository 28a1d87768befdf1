import Link from 'next/link';

const PAGES = [
  ['Groups', '/failures'],
  ['Triage', '/triage'],
] as const;

/** The lists of failures, side by side. */
export function FailuresNav({ current }: { current: (typeof PAGES)[number][1] }) {
  return (
    <nav className="filters" aria-label="Lists of failures">
      {PAGES.map(([name, href]) => (
        <Link
          key={href}
          className="chip"
          href={href}
          aria-current={href === current ? 'page' : undefined}
          prefetch={false}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
