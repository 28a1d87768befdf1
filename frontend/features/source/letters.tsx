import Link from 'next/link';
import type { QuarantinePageQuery } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { bytes, count, plural } from '@/ui/number.ts';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { Age } from '@/ui/time.tsx';
import { Command } from './command.tsx';
import { stageInWords } from './stage-words.ts';

type Source = NonNullable<QuarantinePageQuery['source']>;
type Letters = NonNullable<Source['deadLetters']>;
type Letter = Letters['nodes'][number];
type Href = (query: Record<string, string | undefined>) => string;

type Props = { slug: string; letters: Letters; stages: NonNullable<Source['deadLetterStages']>; href: Href };

/** Records in quarantine, each with why, since when, and how its bytes begin. */
export function Letters({ slug, letters, stages, href }: Props) {
  const { nodes, pageInfo, totalCount } = letters;
  const caption = stages.map(({ stage, count: n }) => plural(n, stageInWords(stage).one, stageInWords(stage).many));
  return (
    <Section id="letters" title="Records" caption={<Measure>newest first: {caption.join(', ')}</Measure>}>
      <div className="commands">
        <Command
          text={`npx basalt quarantine replay ${slug}`}
          means="reads the jobs of all of them again, once what was wrong is mended"
        />
      </div>
      <ol className="letters">
        {nodes.map((letter) => (
          <LetterItem key={letter.id} slug={slug} letter={letter} href={href} />
        ))}
      </ol>
      <Pager
        page={pageInfo}
        href={({ after, before }) => href({ after, before, letter: undefined, from: undefined })}
        total={totalCount}
        caption={`${count(nodes.length)} of ${plural(totalCount, 'record')}`}
      />
    </Section>
  );
}

function LetterItem({ slug, letter, href }: { slug: string; letter: Letter; href: Href }) {
  const { number, path, reason, at, lastAt, attempts, bytes: size, raw } = letter;
  return (
    <li data-measure>
      <p className="any">
        <b>
          <About slug={slug} letter={letter} />
        </b>{' '}
        {reason}
      </p>
      <details>
        <summary className="any">
          No. {number}, {size === 0 ? 'no bytes' : bytes(size)} at <code>{path}</code>,{' '}
          {attempts === 1 ? (
            <>
              once, <Age at={at} suffix=" ago" />
            </>
          ) : (
            <>
              {count(attempts)} times, first <Age at={at} suffix=" ago" />, last <Age at={lastAt} suffix=" ago" />
            </>
          )}
        </summary>
        {size > 0 && <pre className="raw">{raw.text}</pre>}
        {size > raw.bytes && (
          <p>
            The first {count(raw.bytes)} bytes of {count(size)}.{' '}
            <Link className="link" href={href({ letter: String(number) })} prefetch={false}>
              All of them
            </Link>
          </p>
        )}
        <div className="commands">
          <Command text={`npx basalt quarantine show ${number}`} means="prints its bytes as they are" />
          <Command text={`npx basalt quarantine discard ${number}`} means="deletes it, bytes and all" />
        </div>
      </details>
    </li>
  );
}

export function About({
  slug,
  letter,
}: {
  slug: string;
  letter: Pick<Letter, 'stage' | 'externalId' | 'isJobStored'>;
}) {
  const { stage, externalId, isJobStored } = letter;
  const { one } = stageInWords(stage);
  if (externalId === null) return <>A {one}:</>;
  const isOfJob = ['job', 'definition', 'suite', 'case', 'log'].includes(stage);
  const what = isOfJob ? `${slug}/${externalId}` : externalId;
  return (
    <>
      {stage === 'job' ? '' : `${one[0]?.toUpperCase()}${one.slice(1)} ${isOfJob ? 'of ' : ''}`}
      {isJobStored ? (
        <Link className="link mono" href={jobPath(slug, externalId)} prefetch={false}>
          {what}
        </Link>
      ) : (
        <span className="mono">{what}</span>
      )}
      :
    </>
  );
}
