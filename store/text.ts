/**
 * Text that any engine can keep: NUL and lone surrogates (boards print them) are written as U+FDD0, a noncharacter,
 * and four hex digits, and read back as they were.
 */
const MARK = '\uFDD0';
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what we look for
const UNSAFE = /[\u0000\uFDD0]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export function toStored(text: string): string {
  return text.isWellFormed() && !text.includes('\0') && !text.includes(MARK)
    ? text
    : text.replace(UNSAFE, (c) => MARK + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

export function fromStored(text: string): string {
  return text.includes(MARK)
    ? text.replace(/\uFDD0([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}
