/** A regular expression that somebody writes: RE2, so that none can run away. */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { z } from 'zod';

/** Characters. */
const LONGEST = 1_000;

export const Regex = z
  .string()
  .min(1, 'write a regular expression')
  .max(LONGEST, `a regular expression has at most ${LONGEST} characters`)
  .superRefine((text, context) => {
    const problem = regexProblem(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

/** What is wrong with it and where; null when it can be used. */
function regexProblem(text: string): string | null {
  try {
    RE2JS.compile(text);
    return null;
  } catch (cause) {
    if (!(cause instanceof RE2JSSyntaxException)) throw cause;
    const part = cause.getPattern() ?? '';
    const place = part === '' ? -1 : text.indexOf(part);
    const where = place === -1 ? '' : ` at character ${place + 1}, "${part}"`;
    return `/${text}/ is no RE2: ${cause.getDescription()}${where}`;
  }
}
