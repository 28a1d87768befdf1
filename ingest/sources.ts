/** Adapters for the sources of the configuration. */
import { openAdapter } from '#adapters/registry.ts';
import type { SourceSettings } from '#store/write-source.ts';
import type { SourceConfig } from './config.ts';
import type { AuditedSource } from './keep-auditing.ts';
import { periodSeconds, type ScheduledSource } from './schedule.ts';

type Configured = Omit<SourceConfig, 'token' | 'ca' | 'callback'> & { token: string | null; caPem: string | null };

export type OpenSources = { sources: (ScheduledSource & AuditedSource)[]; close(): Promise<void> };

export function openSources(configured: readonly Configured[], version: string): OpenSources {
  const opened = configured.map((source) => ({
    source,
    ...openAdapter({
      kind: source.kind,
      slug: source.slug,
      url: source.url,
      token: source.token,
      caPem: source.caPem,
      budget: source.budget,
      settleSeconds: source.settleSeconds,
      history: source.history,
      version,
    }),
  }));
  return {
    sources: opened.map(({ source, adapter }): ScheduledSource & AuditedSource => ({
      slug: source.slug,
      poll: source.poll,
      paused: source.paused,
      events: source.events === 'auto',
      auditHours: source.auditHours,
      quietHours: source.budget.quietHours ?? null,
      adapter,
    })),
    async close() {
      await Promise.all(opened.map(({ close }) => close()));
    },
  };
}

export function settingsOf(source: Configured): SourceSettings {
  return {
    slug: source.slug,
    name: source.name ?? source.slug,
    kind: source.kind.toUpperCase(),
    url: source.url,
    visibility: ({ public: 'PUBLIC', internal: 'INTERNAL', restricted: 'RESTRICTED' } as const)[source.visibility],
    teams: source.teams,
    labels: source.labels,
    retention: source.retention,
    paused: source.paused,
    periodSeconds: periodSeconds(source.poll),
    maxConcurrent: source.budget.concurrent,
    maxPerMinute: source.budget.perMinute,
  };
}
