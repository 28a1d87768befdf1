import Link from 'next/link';

const LISTS = {
  failures: [
    ['Groups', '/failures'],
    ['Triage', '/triage'],
    ['Known issues', '/issues'],
  ],
  tests: [
    ['Suites', '/tests'],
    ['Regressions', '/regressions'],
    ['Flaky', '/flaky'],
  ],
} as const;

type Props = { of: keyof typeof LISTS; current: (typeof LISTS)[keyof typeof LISTS][number][1] };

/** The lists of the same things, side by side. */
export function ListsNav({ of, current }: Props) {
  return (
    <nav className="filters" aria-label={`Lists of ${of}`}>
      {LISTS[of].map(([name, href]) => (
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
