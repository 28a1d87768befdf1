'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

const PAGES = [
  ['Home', '/'],
  ['Builds', '/builds'],
  ['Tests', '/regressions'],
  ['Jobs', '/jobs'],
  ['Labs', '/labs'],
  ['Devices', '/devices'],
] as const;

export function Nav() {
  const path = usePathname();
  return (
    <nav className="nav" aria-label="Main">
      {PAGES.map(([name, href]) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={href === path ? 'page' : href !== '/' && path.startsWith(`${href}/`) ? 'true' : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
