/** Patterns that find a failure again: what differs from run to run may be anything. */
import { compilePattern } from './linear-pattern.ts';
import { normaliseMessage } from './normalise-message.ts';

/** So much of a message is looked at, and so long may the pattern of a rule be. */
const LOOKED_AT = 4096;
const LONGEST = 500;
const PLACEHOLDER = /<[a-z]{1,9}>/;
const SPECIAL = /[\\^$.|?*+()[\]{}]/g;

/** Over an error message; null where none finds it. */
export function errorPatternOf(message: string, hostnames: readonly string[]): string | null {
  return patternOf(normaliseMessage(message.slice(0, LOOKED_AT), hostnames), message);
}

/** Of what was said without what differs (`same`), where it finds what was said. */
export function patternOf(same: string, said: string): string | null {
  const quoted = same.split(PLACEHOLDER).map((part) => part.replace(SPECIAL, '\\$&'));
  // What ends or begins with anything finds the same without it.
  while (quoted.length > 0 && quoted.at(-1)?.trim() === '') quoted.pop();
  while (quoted.length > 0 && quoted[0]?.trim() === '') quoted.shift();
  const pattern = quoted.join('.+').trim();
  // Of several lines, and of several spaces, one space is left.
  for (const one of [pattern, pattern.replaceAll(' ', '\\s+')]) {
    if (one === '' || one.length > LONGEST) continue;
    const compiled = compilePattern(one);
    if (compiled.ok && compiled.pattern.test(said)) return one;
  }
  return null;
}
