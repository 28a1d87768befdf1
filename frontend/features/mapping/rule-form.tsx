import Link from 'next/link';
import type { MappingProblemFragment } from '@/graphql/graphql.ts';
import { MAPPING } from '@/paths.ts';
import { FieldProblems, TextField } from '@/ui/text-field.tsx';
import type { Draft } from './draft.ts';

type Props = {
  draft: Draft;
  labs: readonly string[];
  revision: number;
  problems: readonly MappingProblemFragment[];
  /** Whether what is written was tried, and may be kept. */
  isTried: boolean;
};

/** One rule. Trying is a GET, so that a draft has an address; keeping is a POST. Neither needs script. */
export function RuleForm({ draft, labs, revision, problems, isTried }: Props) {
  const problemOf = (field: string) =>
    problems.filter((one) => one.field?.replace(/^\d+\./, '').split('.')[0] === field).map(({ message }) => message);
  const rest = problems.filter(({ field }) => !/^\d+\.(project|match|build|branch|commit|sources)/.test(field ?? ''));
  return (
    <form className="form" method="get" action={`${MAPPING}#draft`}>
      <input type="hidden" name="rule" value={draft.rule} />
      <TextField name="project" label="Project" value={draft.project} problems={problemOf('project')} isRequired>
        A name, or {'{KEY}'} for what a job says of itself under KEY; {'{KEY:basename}'} is the last part of a path.
      </TextField>
      <div>
        <label className="field" htmlFor="if">
          <span>If the job has</span>
          <textarea
            id="if"
            name="if"
            rows={4}
            spellCheck={false}
            defaultValue={draft.if}
            aria-invalid={problemOf('match').length > 0}
            aria-describedby="if-problem if-hint"
          />
        </label>
        <FieldProblems id="if-problem" problems={problemOf('match')} />
        <p className="hint" id="if-hint">
          A line each: <code>git.describe</code> (any value), <code>git.branch = master</code>, or{' '}
          <code>git.branch ~ ^linux-6</code> (RE2). Nothing: every job.
        </p>
      </div>
      <TextField name="build" label="Build" value={draft.build} problems={problemOf('build')} isRequired>
        For example {'{git.describe}'}.
      </TextField>
      <div className="pair">
        <TextField name="branch" label="Branch" value={draft.branch} problems={problemOf('branch')} />
        <TextField name="commit" label="Commit" value={draft.commit} problems={problemOf('commit')} />
      </div>
      {labs.length > 0 && (
        <fieldset>
          <legend className="dim">Labs it is for; none: all of them</legend>
          <div className="days">
            {labs.map((slug) => (
              <label key={slug} className="tick">
                <input type="checkbox" name="lab" value={slug} defaultChecked={draft.lab.includes(slug)} />
                {slug}
              </label>
            ))}
          </div>
          <FieldProblems id="lab-problem" problems={problemOf('sources')} />
        </fieldset>
      )}
      <FieldProblems id="rule-problem" problems={rest.map(({ message }) => message)} />
      <div className="acts">
        <button className={isTried ? 'btn' : 'btn primary'} type="submit">
          Try on stored jobs
        </button>
        {isTried && (
          <>
            <input type="hidden" name="revision" value={revision} />
            <button
              className="btn primary"
              type="submit"
              formMethod="post"
              formAction={`${MAPPING}/save`}
              name="act"
              value="save"
            >
              Save
            </button>
          </>
        )}
        <Link className="btn ghost" href={MAPPING} prefetch={false}>
          Cancel
        </Link>
      </div>
    </form>
  );
}
