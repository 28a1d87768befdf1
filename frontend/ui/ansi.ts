/** Text of a terminal as runs of one style each. Colours become five tokens; every other escape is dropped. */

export type AnsiRun = { text: string; className: string };

const ESC = '\u001b';
// CSI, OSC (ended by BEL or ST), two-byte escapes, and what is left of control characters but the tab.
const TOKEN = new RegExp(
  `${ESC}\\[([0-9;:]*)m|${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)?|${ESC}[ -/]*[0-~]|${ESC}|[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f]`,
  'g',
);

// black, red, green, yellow, blue, magenta, cyan, white
const COLOURS = ['a-d', 'a-r', 'a-g', 'a-y', 'a-b', 'a-b', 'a-b', ''];

type Style = { colour: string; isBold: boolean; isDim: boolean };
const PLAIN: Style = { colour: '', isBold: false, isDim: false };

export function parseAnsi(text: string): AnsiRun[] {
  const runs: AnsiRun[] = [];
  let style = PLAIN;
  let at = 0;
  const push = (part: string) => {
    if (part === '') return;
    const className = classOf(style);
    const last = runs.at(-1);
    if (last?.className === className) last.text += part;
    else runs.push({ text: part, className });
  };
  for (const match of text.matchAll(TOKEN)) {
    push(text.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[1] !== undefined) style = apply(style, match[1]);
  }
  push(text.slice(at));
  return runs;
}

function classOf({ colour, isBold, isDim }: Style): string {
  return [colour || (isDim ? 'a-d' : ''), isBold && 'a-w'].filter(Boolean).join(' ');
}

function apply(style: Style, codes: string): Style {
  const list = codes.split(/[;:]/).map(Number);
  let next = style;
  for (let i = 0; i < list.length; i++) {
    const code = list[i] ?? 0;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, isBold: true };
    else if (code === 2) next = { ...next, isDim: true };
    else if (code === 22) next = { ...next, isBold: false, isDim: false };
    else if (code === 39) next = { ...next, colour: '' };
    else if (code >= 30 && code <= 37) next = { ...next, colour: COLOURS[code - 30] ?? '' };
    else if (code >= 90 && code <= 97) next = { ...next, colour: COLOURS[code - 90] ?? '' };
    else if (code === 38 || code === 48) {
      const isIndexed = list[i + 1] === 5;
      if (code === 38) next = { ...next, colour: isIndexed ? (COLOURS[(list[i + 2] ?? 7) % 8] ?? '') : next.colour };
      i += isIndexed ? 2 : 4;
    }
  }
  return next;
}
