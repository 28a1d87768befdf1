/** Address of a job's page. */
export function jobPath(slug: string, externalId: string): string {
  return `/jobs/${encodeURIComponent(slug)}/${encodeURIComponent(externalId)}`;
}
