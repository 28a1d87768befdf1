/** Address of a build's page; versions may hold any character, also a slash. */
export function buildPath(project: string, version: string): string {
  return `/builds/${encodeURIComponent(project)}/${encodeURIComponent(version)}`;
}
