import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { EditMaster } from '@/features/source/edit-master.tsx';
import { EditLabPageDocument, RemoveSourceDocument, UpdateSourceDocument } from '@/graphql/graphql.ts';
import { labPath } from '@/paths.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { decodeSegment } from '@/ui/segment.ts';

type Props = { params: Promise<{ lab: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Edit ${decodeSegment((await params).lab)}` };
}

export default async function EditLab({ params }: Props) {
  const slug = decodeSegment((await params).lab);
  const data = await ask(EditLabPageDocument, { slug });
  const { source, viewer } = data;
  if (!source?.isAdded || !viewer.scopes.includes('write:sources')) notFound();
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={[{ label: 'Labs', href: '/labs' }, { label: slug, href: labPath(slug) }, { label: 'Edit' }]}
        title={`Edit ${source.name}`}
        facts={[['Address', source.url ?? '']]}
      />
      <EditMaster lab={source} update={UpdateSourceDocument.toString()} remove={RemoveSourceDocument.toString()} />
    </Shell>
  );
}
