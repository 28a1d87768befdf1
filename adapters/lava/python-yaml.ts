/** YAML as PyYAML writes it, which is how masters keep the metadata of a case. */
import { dump } from 'js-yaml';
import { PythonNumber, type PythonValue } from './python-literal.ts';

const FOLDED_AT = 80;

export function toYaml(value: PythonValue): string {
  const numbers: string[] = [];
  const mark = markOutside(value);
  const plain = (inner: PythonValue): unknown => {
    if (inner instanceof PythonNumber) return `${mark}${numbers.push(floatOf(inner.text)) - 1}z`;
    if (Array.isArray(inner)) return inner.map(plain);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, plain(one)]));
  };
  const yaml = fold(dump(plain(value), { lineWidth: -1, noRefs: true, seqNoIndent: true }));
  return yaml.replace(new RegExp(`${mark}(\\d+)z`, 'g'), (_, n) => numbers[Number(n)] ?? '');
}

/** Plain and single-quoted texts go on in a new line at the first single space behind column 80, as PyYAML writes them. */
function fold(yaml: string): string {
  let block: number | null = null;
  return yaml
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0].length ?? 0;
      if (block !== null && (indent > block || line === '')) return line;
      block = /(^|[ :-]) ?[|>][-+\d]*$/.test(line) ? indent : null;
      const head = /^ *(?:- )*(?:[^'"\s][^:]*: |'(?:[^']|'')*': )?/.exec(line)?.[0].length ?? 0;
      return block === null && line.length > FOLDED_AT && line[head] !== '"' ? foldLine(line, head, indent) : line;
    })
    .join('\n');
}

function foldLine(line: string, head: number, indent: number): string {
  const isQuoted = line[head] === "'";
  const [first, end] = isQuoted ? [head + 1, line.length - 1] : [head, line.length];
  let folded = line.slice(0, first);
  let column = first;
  for (let i = first; i < end; i++) {
    const isSingle = line[i] === ' ' && line[i - 1] !== ' ' && line[i + 1] !== ' ' && i > first && i < end - 1;
    if (isSingle && column > FOLDED_AT) {
      folded += `\n${' '.repeat(indent + 2)}`;
      column = indent + 2;
    } else {
      folded += line[i];
      column += 1;
    }
  }
  return folded + line.slice(end);
}

/** YAML wants a point in a float with an exponent. */
function floatOf(text: string): string {
  return text.includes('.') ? text : text.replace('e', '.0e');
}

/** What stands for a number until it is written: a word that occurs nowhere in the value. */
function markOutside(value: PythonValue): string {
  const text = JSON.stringify(value);
  let mark = 'number';
  while (text.includes(mark)) mark += 'x';
  return mark;
}
