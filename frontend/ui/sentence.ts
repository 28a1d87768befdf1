/** What is said of a source as a sentence: without its name, which has just been said. */
export function sentence(said: string, slug: string): string {
  const text = said.startsWith(`${slug}: `) ? said.slice(slug.length + 2) : said;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
