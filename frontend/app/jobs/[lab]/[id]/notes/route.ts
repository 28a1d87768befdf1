/** A note to a job or a result, written or removed; what was refused leads back to the form with what was written. */
import { ask } from '@/api-client.ts';
import { MOST_CHARACTERS } from '@/features/job/note-form.ts';
import { AddNoteDocument, RemoveNoteDocument } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';
import { decodeSegment } from '@/ui/segment.ts';

/** What an address may carry on. */
const LONGEST = 6_000;

export async function POST(request: Request, { params }: { params: Promise<{ lab: string; id: string }> }) {
  const { lab, id } = await params;
  const posted = await request.formData();
  const of = (key: string) => String(posted.get(key) ?? '');
  const refused = new URLSearchParams();
  const note = of('remove');
  // Forms send each line break as two characters.
  const text = of('text').replaceAll('\r\n', '\n').trim();
  if (!note && (text === '' || text.length > MOST_CHARACTERS)) refused.set('note', 'INVALID');
  else {
    const { payload } = note
      ? await ask(RemoveNoteDocument, { input: { note } })
      : await ask(AddNoteDocument, { input: { about: of('about'), text } });
    const [error] = payload.userErrors;
    if (error) refused.set('note', error.code);
  }
  if (refused.size > 0 && !note && encodeURIComponent(text).length <= LONGEST) {
    refused.set('about', of('about'));
    refused.set('text', text);
  }
  const query = refused.size > 0 ? `?${refused}` : '';
  return seeOther(`${jobPath(decodeSegment(lab), decodeSegment(id))}${query}#notes`);
}
