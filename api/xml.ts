/** Text inside XML 1.0. */

/** What no document may hold, escaped or not: control characters, halves of pairs, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
/** `>` for the sake of `]]>`; spaces because an attribute would lose them. */
const SPECIAL = /[&<>"'\t\n\r]/g;
const REFERENCES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
  ...{ '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' },
};

/** For the content of an element and for the value of an attribute; U+FFFD where a character may not be. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, '\uFFFD').replace(SPECIAL, (character) => REFERENCES[character] ?? '');
}

/** ` name="value"`, in the order given. */
export function xmlAttributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).reduce((text, [name, value]) => `${text} ${name}="${xmlText(String(value))}"`, '');
}

/** Two hyphens end a comment. */
export function xmlComment(text: string): string {
  return `<!-- ${xmlText(text).replace(/-(?=-|$)/g, '- ')} -->`;
}
