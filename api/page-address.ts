/** Addresses of pages, for what leaves the pages: files, badges, feeds. The pages' own: frontend/paths.ts. */
const segments = (...parts: string[]) => parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');

/** With a line of its log, where there is one. */
export function jobAddress(slug: string, externalId: string, line: number | null): string {
  return `/jobs/${segments(slug, externalId)}${line === null ? '' : `?line=${line}#L${line}`}`;
}

export function buildAddress(project: string, version: string): string {
  return `/builds/${segments(project, version)}`;
}

export function failureAddress(fingerprint: string): string {
  return `/failures/${segments(fingerprint)}`;
}

/** The history of a test. */
export function testAddress(of: {
  project: string;
  branch: string;
  suite: string;
  set: string | null;
  name: string;
  deviceType: string;
}): string {
  const { project, branch, suite, set, name, deviceType } = of;
  const query = new URLSearchParams({ test: name });
  if (set !== null) query.set('set', set);
  if (branch !== '') query.set('branch', branch);
  query.set('type', deviceType);
  return `/tests/${segments(project, suite)}?${query}`;
}
