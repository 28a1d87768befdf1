import Link from 'next/link';

const PAGES = [
  ['Suites', '/tests'],
  ['Regressions', '/regressions'],
  ['Flaky', '/flaky'],
] as const;

/** The lists of tests, side by side. */
export function TestsNav({ current }: { current: (typeof PAGES)[number][1] }) {
  return (
    <nav className="filters" aria-label="Lists of tests">
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
