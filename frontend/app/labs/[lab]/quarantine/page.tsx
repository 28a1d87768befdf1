import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { LabTabs } from '@/features/source/lab-tabs.tsx';
import { LetterBytes } from '@/features/source/letter-bytes.tsx';
import { Letters } from '@/features/source/letters.tsx';
import { QuarantinePageDocument } from '@/graphql/graphql.ts';
import { labPath, quarantinePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';

type Props = { params: Promise<{ lab: string }>; searchParams: Promise<SearchParams> };

const PAGE = 25;

const read = cache(async (slug: string, key: string) => {
  const params: SearchParams = JSON.parse(key);
  const one = (name: string) => [params[name]].flat()[0] || undefined;
  const whole = (name: string) => (/^\d{1,9}$/.test(one(name) ?? '') ? Number(one(name)) : null);
  const [after, before, letter] = [one('after'), one('before'), whole('letter')];
  const variables = {
    slug,
    letter: letter ?? 0,
    opened: letter !== null,
    from: whole('from') ?? 0,
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const isPlaced = after !== undefined || before !== undefined;
  const data = await askAt(QuarantinePageDocument, variables, { isPlaced, start: quarantinePath(slug) });
  return { variables, data, place: { after, before } };
});

const given = async ({ params, searchParams }: Props) =>
  read(decodeSegment((await params).lab), JSON.stringify(await searchParams));

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { source } = (await given(props)).data;
  if (!source) return { title: 'No such lab' };
  const total = source.deadLetters?.totalCount;
  return {
    title:
      total === undefined
        ? `Quarantine of ${source.slug}`
        : `${plural(total, 'record')} of ${source.slug} in quarantine`,
  };
}

export default async function QuarantinePage(props: Props) {
  const { variables, data, place } = await given(props);
  const { source } = data;
  if (!source) notFound();
  const { slug, name, deadLetters, deadLetterStages, opened } = source;
  const href = (query: Record<string, string | undefined>) => quarantinePath(slug, { ...place, ...query });
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={[{ label: 'Labs', href: '/labs' }, { label: slug, href: labPath(slug) }, { label: 'quarantine' }]}
        title={name}
        actions={<ApiPanel query={QuarantinePageDocument.toString()} variables={variables} />}
      />
      <LabTabs slug={slug} current="quarantine" />
      {deadLetters && deadLetters.totalCount > 0 && (
        <p className="verdict">
          <b className="warn">
            <Counted value={deadLetters.totalCount} href="#letters">
              {plural(deadLetters.totalCount, 'record')}
            </Counted>{' '}
            could not be understood.
          </b>{' '}
          <span className="dim">
            The others went on. Each is kept with its bytes, leaves by itself when what it is about is read well, and
            can be read again or discarded by a command.
          </span>
        </p>
      )}
      {opened && <LetterBytes slug={slug} letter={opened} href={href} />}
      {deadLetters && deadLetterStages && deadLetters.totalCount > 0 ? (
        <Letters slug={slug} letters={deadLetters} stages={deadLetterStages} href={href} />
      ) : (
        <Section id="letters" title="Records" hidden>
          {deadLetters ? (
            <Empty title="Nothing is in quarantine">Everything that {slug} has said was understood.</Empty>
          ) : (
            <Empty title="Quarantine is shown to admins">
              A record that could not be understood may be of a private job: only who sees every job of {slug} is told
              whether there are any.
            </Empty>
          )}
        </Section>
      )}
    </Shell>
  );
}
