/** A badge that leads to its page, as text to paste; names may hold any character. */
type Of = { name: string; badge: string; page: string };

/** Parentheses end an address in Markdown. */
const inMarkdown = (address: string) => address.replace(/[()]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);

export function asMarkdown({ name, badge, page }: Of): string {
  const alt = name.replace(/[\r\n]+/g, ' ').replace(/[\\[\]<>`*_]/g, '\\$&');
  return `[![${alt}](${inMarkdown(badge)})](${inMarkdown(page)})`;
}

export function asHtml({ name, badge, page }: Of): string {
  return `<a href="${escaped(page)}"><img src="${escaped(badge)}" alt="${escaped(name)}"></a>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
