/** Address of a board's page. */
export function devicePath(slug: string, hostname: string): string {
  return `/devices/${encodeURIComponent(slug)}/${encodeURIComponent(hostname)}`;
}
