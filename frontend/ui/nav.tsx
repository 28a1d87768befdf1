'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

/** Name, address, and addresses of pages under the same noun. */
const PAGES: readonly (readonly [name: string, href: string, ...others: string[]])[] = [
  ['Home', '/'],
  ['Builds', '/builds'],
  ['Tests', '/tests', '/regressions', '/flaky'],
  ['Compare', '/compare'],
  ['Jobs', '/jobs', '/results'],
  ['Failures', '/failures', '/triage', '/issues'],
  ['Labs', '/labs', '/mapping', '/names', '/audit-log'],
  ['Devices', '/devices'],
];

/** The page itself or one below it; everything is below home. */
function isUnder(path: string, href: string): boolean {
  return href !== '/' && (path === href || path.startsWith(`${href}/`));
}

export function Nav() {
  const path = usePathname();
  return (
    <nav className="nav" aria-label="Main">
      {PAGES.map(([name, href, ...others]) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={
            href === path ? 'page' : [href, ...others].some((one) => isUnder(path, one)) ? 'true' : undefined
          }
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
