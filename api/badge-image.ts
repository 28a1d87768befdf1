/** A badge as an image and for shields.io: two words side by side. No font is fetched, and nothing in it is a link. */
import { xmlText } from './xml.ts';

/** White is read on each of them: contrast of 4.5 and more. */
export const COLOURS = {
  green: '#15803d',
  red: '#b91c1c',
  purple: '#7e22ce',
  amber: '#a16207',
  grey: '#57606a',
} as const;

export type Badge = { label: string; message: string; colour: keyof typeof COLOURS };

const LABEL_COLOUR = '#3f4650';
const LONGEST = 60;
const PADDING = 6;
const HEIGHT = 20;

export function badgeSvg({ label, message, colour }: Badge): string {
  const [left, right] = [cut(label), cut(message)];
  const [leftWidth, rightWidth] = [widthOf(left) + 2 * PADDING, widthOf(right) + 2 * PADDING];
  const said = xmlText(`${left}: ${right}`);
  const text = (words: string, start: number, width: number) =>
    `<text x="${start + width / 2}" y="14" textLength="${width - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${xmlText(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${leftWidth + rightWidth}" height="${HEIGHT}" role="img" aria-label="${said}">`,
    `<title>${said}</title>`,
    `<rect width="${leftWidth}" height="${HEIGHT}" fill="${LABEL_COLOUR}"/>`,
    `<rect x="${leftWidth}" width="${rightWidth}" height="${HEIGHT}" fill="${COLOURS[colour]}"/>`,
    '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
    `${text(left, 0, leftWidth)}${text(right, leftWidth, rightWidth)}</g></svg>\n`,
  ].join('');
}

/** https://shields.io/badges/endpoint-badge */
export function badgeJson({ label, message, colour }: Badge): string {
  return JSON.stringify({ schemaVersion: 1, label: cut(label), message: cut(message), color: COLOURS[colour] });
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text;
}

const NARROW = /[fijlrtI.,:;|!'()[\]{} /-]/;
const BROAD = /[mwMW@%\u{2E80}-\u{10FFFF}]/u;

/** Pixels, about as broad as the letters are; the text is drawn as broad as is said here. */
function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (NARROW.test(letter) ? 5 : BROAD.test(letter) ? 11 : 7), 0);
}
