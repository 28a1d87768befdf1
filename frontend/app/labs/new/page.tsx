import type { Metadata } from 'next';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { AddMaster } from '@/features/source/add-master.tsx';
import { AddSourceDocument, NewLabPageDocument, TestSourceDocument } from '@/graphql/graphql.ts';
import { NEW_LAB, signInPath } from '@/paths.ts';
import { Empty } from '@/ui/empty.tsx';
import { PageHead } from '@/ui/page-head.tsx';

export const metadata: Metadata = { title: 'Add a master' };

export default async function NewLab() {
  const data = await ask(NewLabPageDocument, {});
  const { viewer } = data;
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead crumbs={[{ label: 'Labs', href: '/labs' }, { label: 'New' }]} title="Add a master" />
      {viewer.scopes.includes('write:sources') ? (
        <AddMaster test={TestSourceDocument.toString()} add={AddSourceDocument.toString()} />
      ) : (
        <Empty
          title={viewer.isAnonymous ? 'Sign in first' : 'Only an admin may add a master'}
          action={
            <Link className="btn primary" href={signInPath(NEW_LAB)} prefetch={false}>
              Sign in
            </Link>
          }
        >
          The server asks the address that is entered here, so that only admins of this Basalt may enter one.
        </Empty>
      )}
    </Shell>
  );
}
