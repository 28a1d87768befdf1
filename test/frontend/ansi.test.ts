import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnsi } from '../../frontend/ui/ansi.ts';

const ESC = '\u001b';

test('text without escapes is one plain run', () => {
  expect(parseAnsi('login: root')).toEqual([{ text: 'login: root', className: '' }]);
});

test('colours become the five tokens and bold its own', () => {
  expect(
    parseAnsi(`${ESC}[31mred${ESC}[0m ${ESC}[1;32mgreen${ESC}[22m${ESC}[93myellow${ESC}[36mcyan${ESC}[90mgrey`),
  ).toEqual([
    { text: 'red', className: 'a-r' },
    { text: ' ', className: '' },
    { text: 'green', className: 'a-g a-w' },
    { text: 'yellow', className: 'a-y' },
    { text: 'cyan', className: 'a-b' },
    { text: 'grey', className: 'a-d' },
  ]);
});

test('a reset without a number ends every style', () => {
  expect(parseAnsi(`${ESC}[1;31mx${ESC}[my`)).toEqual([
    { text: 'x', className: 'a-r a-w' },
    { text: 'y', className: '' },
  ]);
});

test('colours of 256 and of 24 bits consume their arguments', () => {
  expect(
    parseAnsi(`${ESC}[38;5;1ma${ESC}[48;2;1;31;3mb${ESC}[38;2;9;9;9mc`).map(({ text, className }) => [text, className]),
  ).toEqual([['abc', 'a-r']]);
});

test('S-32: cursor movements, titles and control characters are dropped', () => {
  expect(
    parseAnsi(`${ESC}[2J${ESC}[10;4Ha${ESC}]0;title\u0007b${ESC}]8;;https://x${ESC}\\c${ESC}(Bd\r\u0000e\tf${ESC}`),
  ).toEqual([{ text: 'abcde\tf', className: '' }]);
});

test('S-32: markup stays text', () => {
  expect(parseAnsi('<b onclick="x">&amp;</b>')).toEqual([{ text: '<b onclick="x">&amp;</b>', className: '' }]);
});

test('no input leaves a control character in the output, and printable text survives whole', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(`${ESC}[`, `${ESC}]`, ESC, '\u0007', '31m', '38;5;', '\r', '\u009b'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const out = parseAnsi(pieces.join(''))
        .map(({ text }) => text)
        .join('');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(out).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]*$/), (text) => {
      expect(
        parseAnsi(text)
          .map((run) => run.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
