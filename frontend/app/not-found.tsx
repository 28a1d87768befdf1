import type { Metadata } from 'next';
import Link from 'next/link';
import { Shell } from '@/features/coverage/shell.tsx';
import { Empty } from '@/ui/empty.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <Shell>
      <h1>Nothing is here</h1>
      <Empty
        title="No page has this address"
        action={
          <Link className="btn" href="/">
            Home
          </Link>
        }
      >
        The thing it names does not exist, or you may not see it.
      </Empty>
    </Shell>
  );
}
