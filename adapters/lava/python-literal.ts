/** Values as Python writes them: masters put the metadata of a case into their CSV that way. */

/** A number as it is written: no digit is lost. */
export class PythonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type PythonValue = string | PythonNumber | boolean | null | PythonValue[] | { [key: string]: PythonValue };

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };
const HEX: Record<string, number> = { x: 2, u: 4, U: 8 };
const WORDS = new Map<string, PythonValue>([
  ['None', null],
  ['True', true],
  ['False', false],
]);
const MAX_DEPTH = 20;

/** @throws SyntaxError at what is no literal, or is one that JSON has no like of: a date, bytes, not-a-number. */
export function readPythonLiteral(text: string): PythonValue {
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(`${JSON.stringify(text.slice(at, at + 20))} at ${at} is not understood`);
  };
  const space = () => {
    while (text[at] === ' ') at += 1;
  };
  const word = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? fail();
    at += found.length;
    return found;
  };

  const string = (): string => {
    const quote = text[at];
    at += 1;
    let value = '';
    for (;;) {
      const char = text[at] ?? fail();
      at += 1;
      if (char === quote) return value;
      value += char === '\\' ? escaped() : char;
    }
  };
  const escaped = (): string => {
    const kind = text[at] ?? fail();
    at += 1;
    const plain = ESCAPES[kind];
    if (plain !== undefined) return plain;
    const digits = text.slice(at, at + (HEX[kind] ?? fail()));
    if (!/^[0-9a-f]+$/i.test(digits) || digits.length !== HEX[kind]) fail();
    at += digits.length;
    return String.fromCodePoint(Number.parseInt(digits, 16));
  };
  const items = <Item>(end: string, item: () => Item): Item[] => {
    at += 1;
    const all: Item[] = [];
    for (space(); text[at] !== end; space()) {
      all.push(item());
      space();
      if (text[at] === ',') at += 1;
      else if (text[at] !== end) fail();
    }
    at += 1;
    return all;
  };
  const value = (depth: number): PythonValue => {
    if (depth > MAX_DEPTH) fail();
    space();
    const char = text[at] ?? '';
    if (char === "'" || char === '"') return string();
    if (char === '[') return items(']', () => value(depth + 1));
    if (char === '{') return Object.fromEntries(items('}', () => entry(depth + 1)));
    if (/[-\d]/.test(char)) return new PythonNumber(word(/-?\d+(\.\d+)?(e[+-]?\d+)?/y));
    const name = word(/[A-Za-z]+/y);
    const known = WORDS.get(name);
    return known === undefined ? fail() : known;
  };
  const entry = (depth: number): [string, PythonValue] => {
    space();
    const key = text[at] === "'" || text[at] === '"' ? string() : fail();
    space();
    if (text[at] !== ':') fail();
    at += 1;
    return [key, value(depth)];
  };

  const result = value(0);
  return at === text.length ? result : fail();
}
