import type { AliasProblemFragment, TryAliasQuery } from '@/graphql/graphql.ts';
import { namesPath } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';
import { FieldProblems, TextField } from '@/ui/text-field.tsx';
import type { Draft } from './draft.ts';

type Trial = NonNullable<TryAliasQuery['tryAlias']['trial']>;
type Props = {
  draft: Draft;
  labs: readonly string[];
  problems: readonly AliasProblemFragment[];
  /** What would come of it; null before it was tried. */
  trial: Trial | null;
};

/** Trying is a GET, so that what is proposed has an address; keeping is a POST. Neither needs script. */
export function AliasForm({ draft, labs, problems, trial }: Props) {
  const isType = draft.kind === 'DEVICE_TYPE';
  const problemsOf = (of: string) => problems.filter(({ field }) => field === of).map(({ message }) => message);
  return (
    <form className="form" method="get" action={`${namesPath()}#draft`}>
      <label className="field" htmlFor="kind">
        <span>What it is</span>
        <select id="kind" name="kind" defaultValue={draft.kind}>
          <option value="DEVICE_TYPE">a device type</option>
          <option value="SUBMITTER">a submitter</option>
        </select>
      </label>
      <label className="field" htmlFor="lab">
        <span>Lab that calls it so</span>
        <select id="lab" name="lab" defaultValue={draft.lab}>
          <option value="">all labs</option>
          {labs.map((slug) => (
            <option key={slug} value={slug}>
              {slug}
            </option>
          ))}
        </select>
      </label>
      <TextField name="name" label="Name there" value={draft.name} problems={problemsOf('name')} isRequired />
      <TextField name="alias" label="Name here" value={draft.alias} problems={problemsOf('alias')} isRequired>
        Everybody who sees a job or a board of it sees this name.
      </TextField>
      <FieldProblems
        id="other-problem"
        problems={problems.filter(({ field }) => field !== 'name' && field !== 'alias').map(({ message }) => message)}
      />
      {trial && (
        <p role="status">
          <b className={trial.jobs === 0 ? 'warn' : undefined}>
            {trial.jobs === 0
              ? 'No stored job has this name: it holds for jobs that come.'
              : `${plural(trial.jobs, 'job')} of ${plural(trial.sources.length, 'lab')} (${trial.sources.join(', ')}).`}
          </b>{' '}
          {!trial.isWhole && 'Only the newest 10,000 jobs were looked at. '}
          {trial.together.length > 1
            ? `${count(trial.together.length)} ${isType ? 'columns' : 'submitters'} become one: ${trial.together.join(', ')}. `
            : 'No two become one. '}
          {isType && 'Histories are kept: they are told as one, and apart again when the name is taken back.'}
        </p>
      )}
      <div className="acts">
        <button className={trial ? 'btn' : 'btn primary'} type="submit">
          See what it would make one
        </button>
        {trial && (
          <button className="btn primary" type="submit" formMethod="post" formAction={`${namesPath()}/save`}>
            Save
          </button>
        )}
      </div>
    </form>
  );
}
