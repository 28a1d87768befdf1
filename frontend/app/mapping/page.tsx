import type { Metadata } from 'next';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { changeRules } from '@/features/mapping/change-rules.ts';
import { asInput, draftOf, readDraft, toRuleInput } from '@/features/mapping/draft.ts';
import { PlacingProgress } from '@/features/mapping/placing-progress.tsx';
import { RuleForm } from '@/features/mapping/rule-form.tsx';
import { RuleTable } from '@/features/mapping/rule-table.tsx';
import { TrialSection } from '@/features/mapping/trial.tsx';
import { MappingPageDocument, type MappingPageQuery, TryMappingDocument } from '@/graphql/graphql.ts';
import { MAPPING, signInPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'Mapping' };

type Props = { searchParams: Promise<SearchParams> };
type Mapping = NonNullable<MappingPageQuery['mappingRules']>;

const CRUMBS = [{ label: 'Labs', href: '/labs' }, { label: 'Mapping' }];

/** What is in the form, and what came of trying it; null where no rule is edited. */
async function readForm(params: SearchParams, { rules }: Mapping) {
  const given = new URLSearchParams(
    Object.entries(params).flatMap(([key, value]) => [value ?? []].flat().map((one) => [key, one])),
  );
  const draft = readDraft(given);
  if (draft.rule === '') return null;
  const kept = rules.filter(({ origin }) => origin === 'KEPT');
  const isWritten = given.has('project');
  const shown = isWritten ? draft : draftOf(draft.rule, kept[Number(draft.rule)] ?? null);
  const tried = changeRules(kept.map(asInput), 'save', draft.rule, toRuleInput(shown));
  if (!tried) return null;
  const answer = isWritten ? (await ask(TryMappingDocument, { input: { rules: tried } })).tryMapping : null;
  return { draft: shown, tried, at: draft.rule === 'new' ? kept.length : Number(draft.rule), answer };
}

export default async function MappingPage({ searchParams }: Props) {
  const params = await searchParams;
  const data = await ask(MappingPageDocument, {});
  const { mappingRules, viewer } = data;
  if (!mappingRules) {
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead crumbs={CRUMBS} title="Mapping" />
        <Section id="sign-in" title="Sign in" hidden>
          <Empty
            title="Mapping rules are shown to admins"
            action={
              viewer.isAnonymous ? (
                <Link className="btn primary" href={signInPath(MAPPING)} prefetch={false}>
                  Sign in
                </Link>
              ) : undefined
            }
          >
            They say by which metadata a job belongs to a build, and name labs and projects that not everybody may see.
          </Empty>
        </Section>
      </Shell>
    );
  }
  const { revision, rules, lastChange, progress } = mappingRules;
  const form = await readForm(params, mappingRules);
  const trial = form?.answer?.trial ?? null;
  const before = rules.filter(({ origin }) => origin === 'FILE');
  const shown =
    trial && form ? [...before, ...form.tried.map(asKept), ...rules.filter(({ origin }) => origin === 'KNOWN')] : rules;
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={CRUMBS}
        title="Mapping"
        facts={[
          ['Rules', <Counted key="rules" value={rules.length} href="#rules" />],
          ['Kept here', <Measure key="kept">{rules.filter(({ origin }) => origin === 'KEPT').length}</Measure>],
        ]}
        actions={
          <>
            <Link className="btn" href={`${MAPPING}?rule=new#draft`} prefetch={false}>
              Add a rule
            </Link>
            <ApiPanel query={MappingPageDocument.toString()} variables={{}} />
          </>
        }
      />
      {params.changed && (
        <Note>The rules were changed meanwhile, by somebody else or in another window: nothing was done.</Note>
      )}
      <p className="dim">
        Which build a job tests is read from its metadata: the first rule that fits a job places it. Those of
        basalt.yaml come first and are changed there.
      </p>
      <PlacingProgress progress={progress} lastChange={lastChange} revision={revision} />
      <Section id="rules" title={trial ? 'The rules, as they would be' : 'The rules'} hidden={!trial} className="tight">
        <RuleTable
          rules={shown}
          revision={revision}
          jobs={trial?.byRule ?? null}
          labelledBy="rules"
          isTrial={trial !== null}
        />
      </Section>
      {form && (
        <Section id="draft" title={form.draft.rule === 'new' ? 'A new rule' : `Rule ${before.length + form.at + 1}`}>
          <RuleForm
            draft={form.draft}
            labs={data.sources.nodes.map(({ slug }) => slug)}
            revision={revision}
            problems={form.answer?.userErrors ?? []}
            isTried={trial !== null}
          />
        </Section>
      )}
      {trial && form && <TrialSection trial={trial} jobsOfDraft={trial.byRule[before.length + form.at] ?? 0} />}
    </Shell>
  );
}

function asKept({ sources, conditions, branch, commit, ...rule }: ReturnType<typeof asInput>) {
  return {
    ...rule,
    origin: 'KEPT' as const,
    problem: null,
    sources: sources ?? null,
    conditions: conditions.map(({ key, value, regex }) => ({ key, value: value ?? null, regex: regex ?? null })),
    branch: branch ?? null,
    commit: commit ?? null,
  };
}
