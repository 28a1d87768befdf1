/** A source's settings for tests. */
import type { SourceSettings } from '#store/write-source.ts';

export function settings(slug: string, overrides: Partial<SourceSettings> = {}): SourceSettings {
  return {
    slug,
    name: slug,
    kind: 'LAVA',
    url: `http://${slug}.example/`,
    visibility: 'PUBLIC',
    teams: [],
    labels: {},
    retention: {},
    historySince: null,
    paused: false,
    periodSeconds: 60,
    maxConcurrent: 2,
    maxPerMinute: 120,
    ...overrides,
  };
}
