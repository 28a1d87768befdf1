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
  const yaml = dump(plain(value), { lineWidth: FOLDED_AT, noRefs: true, seqNoIndent: true });
  return yaml.replace(new RegExp(`${mark}(\\d+)z`, 'g'), (_, n) => numbers[Number(n)] ?? '');
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
