/** Regular expressions of people: RE2, which reads a text once, whatever the expression is. */
import { RE2JS } from 're2js';

const compiled = new WeakMap<object, RE2JS>();

/** Whether it is found anywhere in the text. `holder` is compiled once. */
export function isFound(holder: { regex: string }, text: string): boolean {
  let pattern = compiled.get(holder);
  if (!pattern) {
    pattern = RE2JS.compile(holder.regex);
    compiled.set(holder, pattern);
  }
  return pattern.matcher(text).find();
}
