import type { Metadata } from 'next';
import Form from 'next/form';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import type { AgreementAsked } from '@/features/compare/agreement-address.ts';
import { AgreementBody } from '@/features/compare/agreement-body.tsx';
import { BuildNote } from '@/features/compare/build-note.tsx';
import { MOST_SIDES } from '@/features/compare/many-address.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { AgreementBuildDocument, AgreementPageDocument } from '@/graphql/graphql.ts';
import { agreementPath, buildPath, buildsPath, comparePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { count } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { readLabs } from './read.ts';

type Props = { searchParams: Promise<SearchParams> };

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const labs = await readLabs(JSON.stringify(await searchParams));
  if (!labs) return { title: 'Lab agreement' };
  const { asked, agreement } = labs;
  const of = asked.build ?? asked.project;
  return { title: agreement ? `${of}: labs disagree on ${count(agreement.conflicts)}` : `Labs on ${of}` };
}

export default async function Labs({ searchParams }: Props) {
  const labs = await readLabs(JSON.stringify(await searchParams));
  if (!labs?.found.project) notFound();
  const { asked, found, build, agreement, variables } = labs;
  const { slug, builds } = labs.found.project;
  return (
    <Shell freshness={found}>
      <PageHead
        crumbs={[
          { label: 'Compare', href: '/compare' },
          { label: slug, href: buildsPath({ project: slug }) },
          ...(build ? [{ label: build.version, href: buildPath(slug, build.version) }] : []),
        ]}
        title="Do the labs agree?"
        actions={
          variables ? (
            <>
              {build && agreement && agreement.sources.length > 1 && (
                <Link
                  className="btn ghost"
                  href={comparePath({
                    project: slug,
                    build: build.version,
                    lab: agreement.sources.slice(0, MOST_SIDES).map((source) => source.slug),
                  })}
                  prefetch={false}
                >
                  Side by side
                </Link>
              )}
              <ApiPanel query={AgreementPageDocument.toString()} variables={variables} />
            </>
          ) : (
            <ApiPanel
              query={AgreementBuildDocument.toString()}
              variables={{ project: slug, version: asked.build ?? '', named: asked.build !== undefined }}
            />
          )
        }
      />
      <Question asked={asked} versions={builds.nodes.map(({ version }) => version)} />
      {build && <BuildNote build={build} />}
      {agreement ? (
        <AgreementBody agreement={agreement} asked={asked} />
      ) : (
        <Section id="problem" title="No such build" hidden>
          <Empty
            title={`${slug} has no build ${asked.build ?? 'yet'}`}
            action={
              <Link className="btn" href={agreementPath({ project: slug })}>
                The newest build
              </Link>
            }
          >
            Choose another build above.
          </Empty>
        </Section>
      )}
    </Shell>
  );
}

function Question({ asked, versions }: { asked: AgreementAsked; versions: readonly string[] }) {
  return (
    <Form action="/compare/labs" className="asking">
      <input type="hidden" name="project" value={asked.project} />
      {asked.labs.map((slug) => (
        <input key={slug} type="hidden" name="lab" value={slug} />
      ))}
      {asked.verdict && <input type="hidden" name="verdict" value={asked.verdict} />}
      <label className="field">
        <span>Build</span>
        <input name="build" list="builds" defaultValue={asked.build} autoComplete="off" spellCheck={false} size={36} />
        <datalist id="builds">
          {versions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <label className="field">
        <span>A failure counts when so many labs see it</span>
        <input name="quorum" type="number" min={1} max={100} defaultValue={asked.quorum} />
      </label>
      <button className="btn" type="submit">
        Show
      </button>
    </Form>
  );
}
