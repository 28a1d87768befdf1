/** Patterns that people write, run by an engine whose time is linear in the text (RE2's): none can run away. */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

export type LinearPattern = {
  test(text: string): boolean;
  /** Where its first match begins; -1 where there is none. */
  indexIn(text: string): number;
};

/** `at`: where in the pattern what is wrong begins. */
export type CompiledPattern = { ok: true; pattern: LinearPattern } | { ok: false; problem: string; at: number };

export function compilePattern(text: string): CompiledPattern {
  try {
    const compiled = RE2JS.compile(text);
    return {
      ok: true,
      pattern: {
        test: (line) => compiled.test(line),
        indexIn(line) {
          const matcher = compiled.matcher(line);
          return matcher.find() ? matcher.start() : -1;
        },
      },
    };
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    const part = cause instanceof RE2JSSyntaxException ? cause.getPattern() : null;
    const at = part === null || part === text ? 0 : Math.max(0, text.lastIndexOf(part));
    const what = cause instanceof RE2JSSyntaxException ? cause.getDescription() : cause.message;
    const shown = part === null || part === '' ? '' : ` ("${part}")`;
    return {
      ok: false,
      problem: `${what} at character ${at + 1}${shown}; patterns are RE2's, without look-around and back-references`,
      at,
    };
  }
}
