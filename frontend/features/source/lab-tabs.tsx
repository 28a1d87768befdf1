import Link from 'next/link';
import { labPath, quarantinePath, syncPath } from '@/paths.ts';

type Props = { slug: string; current: 'lab' | 'sync' | 'quarantine' };

/** The pages of a lab. */
export function LabTabs({ slug, current }: Props) {
  const tabs = [
    ['lab', 'Overview', labPath(slug)],
    ['sync', 'Sync', syncPath(slug)],
    ['quarantine', 'Quarantine', quarantinePath(slug)],
  ] as const;
  return (
    <nav className="tabs" aria-label="Lab">
      {tabs.map(([name, label, href]) => (
        <Link key={name} href={href} prefetch={false} aria-current={name === current ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
