/** Of a note. */
export const MOST_CHARACTERS = 2_000;

/** Why a form was not done, by the code that the address carries. */
export function noteRefusal(code: string): string {
  if (code === 'UNAUTHORIZED') return 'Nothing was changed: sign in first.';
  if (code === 'FORBIDDEN')
    return 'Nothing was changed: the role triage writes notes and removes its own, an admin any.';
  if (code === 'NOT_FOUND') return 'Nothing was changed: what it is about is gone, or no longer yours to see.';
  if (code === 'CONFLICT') return 'Nothing was written: the job has as many notes as it may. Remove one first.';
  return 'Nothing was written: a note has 1 to 2,000 characters.';
}
