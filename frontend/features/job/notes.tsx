import { CaseName } from '@/features/test-case/case-name.tsx';
import type { CaseRowFragment, NoteFragment } from '@/graphql/graphql.ts';
import { notesPath } from '@/paths.ts';
import type { SearchParams } from '@/ui/filter.ts';
import { LinkedText } from '@/ui/linked-text.tsx';
import { count } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Age } from '@/ui/time.tsx';
import { MOST_CHARACTERS, noteRefusal } from './note-form.ts';

type Job = { id: string; project: string | null; slug: string; externalId: string };
type About = Pick<CaseRowFragment, 'id' | 'suite' | 'set' | 'name' | 'occurrence'>;
type Refused = { code: string; about: string; text: string } | null;

/** What a form was refused for, as the address has it. */
export function refusedNote(params: SearchParams): Refused {
  const of = (key: string) => [params[key]].flat()[0] ?? '';
  return of('note') === '' ? null : { code: of('note'), about: of('about'), text: of('text') };
}

/** What people wrote to the job and to results of it. Works without script. */
export function Notes({
  notes,
  about,
  job,
  refused,
}: {
  notes: readonly NoteFragment[];
  /** Results that a note may be about; null where nobody who may write looks. */
  about: readonly About[] | null;
  job: Job;
  refused: Refused;
}) {
  if (notes.length === 0 && !about && !refused) return null;
  const action = notesPath(job.slug, job.externalId);
  return (
    <Section
      id="notes"
      title="Notes"
      caption={notes.length > 0 ? count(notes.length) : undefined}
      total={notes.length > 0 ? notes.length : undefined}
      apart
    >
      {refused && (
        <p className="problem" role="alert">
          {noteRefusal(refused.code)}
        </p>
      )}
      {notes.length > 0 && (
        <ul className="plain notes">
          {notes.map((note) => (
            <li key={note.id}>
              <p className="written" data-measure>
                <LinkedText text={note.text} />
              </p>
              <p className="dim" data-measure>
                {note.by}, <Age at={note.at} suffix=" ago" />
                {note.testCase && (
                  <>
                    , about <span className="mono">{note.testCase.suite}</span>{' '}
                    <span className="mono">
                      <CaseName project={job.project} {...note.testCase} />
                      {note.testCase.occurrence > 0 && ` #${note.testCase.occurrence + 1}`}
                    </span>
                  </>
                )}
                {note.isOfResult && !note.testCase && ', about a result that retention has deleted'}
              </p>
              {note.mayRemove && (
                <form method="post" action={action}>
                  <input type="hidden" name="remove" value={note.id} />
                  <button
                    className="btn ghost"
                    type="submit"
                    aria-label={`Remove the note of ${note.by}: ${note.text.slice(0, 40)}`}
                  >
                    Remove
                  </button>
                </form>
              )}
            </li>
          ))}
        </ul>
      )}
      {about && (
        <details open={refused !== null}>
          <summary className="btn ghost">Write a note</summary>
          <form className="form" method="post" action={action}>
            <label className="field">
              <span>About</span>
              <select name="about" defaultValue={refused?.about}>
                <option value={job.id}>the job</option>
                {[...new Map(about.map((one) => [one.id, one])).values()].map(
                  ({ id, suite, set, name, occurrence }) => (
                    <option key={id} value={id}>
                      {suite} {set && `${set}/`}
                      {name}
                      {occurrence > 0 && ` #${occurrence + 1}`}
                    </option>
                  ),
                )}
              </select>
            </label>
            <label className="field">
              <span>Note</span>
              <textarea name="text" rows={4} required maxLength={MOST_CHARACTERS} defaultValue={refused?.text} />
            </label>
            <p className="hint">Plain text; addresses become links. Who sees the job sees it.</p>
            <p>
              <button className="btn" type="submit">
                Write it
              </button>
            </p>
          </form>
        </details>
      )}
    </Section>
  );
}
