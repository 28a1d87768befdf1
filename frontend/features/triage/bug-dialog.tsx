'use client';
import type { Ref } from 'react';

type Props = { ref: Ref<HTMLDialogElement>; count: number; onSave: (comment: string) => void };

/** Asks where a bug is tracked. Escape leaves it, and nothing is said. */
export function BugDialog({ ref, count, onSave }: Props) {
  return (
    <dialog ref={ref} className="help" aria-labelledby="bug-title">
      <h2 id="bug-title">{count === 1 ? 'This failure is a bug' : `These ${count} failures are a bug`}</h2>
      <form
        className="form"
        method="dialog"
        onSubmit={({ currentTarget }) => {
          const form = new FormData(currentTarget);
          onSave([form.get('url'), form.get('comment')].filter(Boolean).join('\n'));
          currentTarget.reset();
        }}
      >
        <label className="field">
          <span>Address in a tracker</span>
          <input name="url" type="url" maxLength={500} placeholder="https://bugs.example.org/123" />
        </label>
        <label className="field">
          <span>Comment</span>
          <input name="comment" maxLength={1400} />
        </label>
        <div className="acts">
          <button className="btn primary" type="submit">
            Save
          </button>
          <button
            className="btn"
            type="button"
            onClick={({ currentTarget }) => {
              currentTarget.form?.reset();
              currentTarget.closest('dialog')?.close();
            }}
          >
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
