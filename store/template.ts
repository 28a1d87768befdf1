/**
 * Metadata texts repeat what the case already says: "case: NAME\nresult: pass\n". Such values become one control
 * character, so that most cases of a job share one template. Only what expands to the very same text is shortened.
 */
export type Known = {
  name: string;
  suite: string;
  result: string;
  set: string | null;
  unit: string | null;
  measurement: string | null;
};

const MARKS = ['\u0001', '\u0002', '\u0003', '\u0004', '\u0005', '\u0006', '\u0007'] as const;
/** First character of a text that is no template. */
const LITERAL = '\u0008';

function values(known: Known): (string | null)[] {
  const short = known.measurement?.includes('.') ? known.measurement.replace(/\.?0+$/, '') : known.measurement;
  // LAVA repeats the number as its client sent it: 12, 12.5, or 12.0.
  const float = short === null || short.includes('.') ? short : `${short}.0`;
  return [known.name, known.suite, known.result, known.set, known.unit, short, float];
}

export function toTemplate(text: string, known: Known): string {
  const words = values(known);
  let template = '';
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const colon = text.indexOf(': ', start);
    if (colon < 0 || colon >= end) template += text.slice(start, end);
    else {
      const quote = text[colon + 2] === "'" && text[end - 1] === "'" && end - colon > 3 ? "'" : '';
      const value = text.slice(colon + 2 + quote.length, end - quote.length);
      const mark = value === '' ? -1 : words.indexOf(value);
      template += text.slice(start, colon + 2) + quote + (MARKS[mark] ?? value) + quote;
    }
    if (end < text.length) template += '\n';
    start = end + 1;
  }
  return expand(template, words) === text && !template.startsWith(LITERAL) ? template : LITERAL + text;
}

export function fromTemplate(template: string, known: Known): string {
  return template.startsWith(LITERAL) ? template.slice(1) : expand(template, values(known));
}

function expand(template: string, words: (string | null)[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks are control characters
  return template.replace(/[\u0001-\u0007]/g, (mark) => words[mark.charCodeAt(0) - 1] ?? mark);
}
