/** Addresses of pages, for what leaves the pages: files, badges, feeds. The pages' own: frontend/paths.ts. */
const segments = (...parts: string[]) => parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');

/** With a line of its log, where there is one. */
export function jobAddress(slug: string, externalId: string, line: number | null): string {
  return `/jobs/${segments(slug, externalId)}${line === null ? '' : `?line=${line}#L${line}`}`;
}
