import type { Metadata } from 'next';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { AliasForm } from '@/features/name-alias/alias-form.tsx';
import { AliasTable } from '@/features/name-alias/alias-table.tsx';
import { draftHref, readDraft, toKey } from '@/features/name-alias/draft.ts';
import { NamesPageDocument, TryAliasDocument } from '@/graphql/graphql.ts';
import { namesPath, signInPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'Names' };

type Props = { searchParams: Promise<SearchParams> };

const CRUMBS = [{ label: 'Labs', href: '/labs' }, { label: 'Names' }];

export default async function Names({ searchParams }: Props) {
  const params = await searchParams;
  const data = await ask(NamesPageDocument, {});
  const { nameAliases, viewer } = data;
  if (!nameAliases) {
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead crumbs={CRUMBS} title="Names" />
        <Section id="sign-in" title="Sign in" hidden>
          <Empty
            title="Names are shown to admins"
            action={
              viewer.isAnonymous ? (
                <Link className="btn primary" href={signInPath(namesPath())} prefetch={false}>
                  Sign in
                </Link>
              ) : undefined
            }
          >
            They say which device types and submitters of several labs are the same, and tell of labs that not everybody
            may see.
          </Empty>
        </Section>
      </Shell>
    );
  }
  const draft = readDraft({ get: (key) => [params[key]].flat()[0] });
  const isWritten = draft.name !== '' && draft.alias !== '';
  const answer = isWritten
    ? (await ask(TryAliasDocument, { input: { ...toKey(draft), alias: draft.alias } })).tryAlias
    : null;
  const { given, suggested } = nameAliases;
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={CRUMBS}
        title="Names"
        actions={<ApiPanel query={NamesPageDocument.toString()} variables={{}} />}
      />
      {params.gone && <Note>That name was taken back meanwhile: nothing was done.</Note>}
      <p className="dim">
        The same board, or the same person, may have another name in each lab. What is given one name here is one
        column, one history and one filter; labs keep their own names, and taking a name back leaves no trace.
      </p>
      <Section id="given" title="Names given here" hidden className="tight">
        {given.length > 0 ? (
          <AliasTable given={given} labelledBy="given" />
        ) : (
          <Empty title="Every name is as its lab gives it">Give two of them the same name below.</Empty>
        )}
      </Section>
      {suggested.length > 0 && (
        <Section id="suggested" title="Named so by a master itself">
          <ul className="plain">
            {suggested.map(({ name, alias }) => (
              <li key={name}>
                <span className="mono">{name}</span> is called <span className="mono">{alias}</span>{' '}
                <Link className="link" href={draftHref({ kind: 'DEVICE_TYPE', lab: '', name, alias })} prefetch={false}>
                  See what that would make one
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section id="draft" title="Give a name">
        <AliasForm
          draft={draft}
          labs={data.sources.nodes.map(({ slug }) => slug)}
          problems={answer?.userErrors ?? []}
          trial={answer?.trial ?? null}
        />
      </Section>
    </Shell>
  );
}
