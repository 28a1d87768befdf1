/** A regular expression that somebody writes: RE2, so that none can run away. */
import { z } from 'zod';
import { compilePattern } from './linear-pattern.ts';

/** Characters. */
const LONGEST = 1_000;

export const Regex = z
  .string()
  .min(1, 'write a regular expression')
  .max(LONGEST, `a regular expression has at most ${LONGEST} characters`)
  .superRefine((text, context) => {
    const compiled = compilePattern(text);
    if (!compiled.ok) context.addIssue({ code: 'custom', message: compiled.problem });
  });
