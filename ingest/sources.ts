/** Adapters for sources, however they came to be known. */
import type { Inbox } from '#adapters/agent/inbox.ts';
import { openAdapter } from '#adapters/registry.ts';
import type { SourceSettings } from '#store/write-source.ts';
import type { SourceConfig } from './config.ts';
import type { AuditedSource } from './keep-auditing.ts';
import type { LiveSource } from './live.ts';
import { periodSeconds, type ScheduledSource } from './schedule.ts';

export type Configured = Omit<SourceConfig, 'token' | 'ca' | 'callback' | 'agentKey'> & {
  token: string | null;
  caPem: string | null;
};

/** Where what an agent pushes waits to be read. */
export type InboxOf = (slug: string) => Inbox;

export type OpenSource = { source: ScheduledSource & AuditedSource & LiveSource; close(): Promise<void> };
export type OpenSources = { sources: OpenSource['source'][]; close(): Promise<void> };

export function openSource(source: Configured, version: string, inboxOf: InboxOf): OpenSource {
  const { kind, slug, url, token, caPem, budget, settleSeconds, history, historySince, zmq = null } = source;
  const { adapter, close } = openAdapter(
    kind === 'agent'
      ? { kind, slug, inbox: inboxOf(slug) }
      : { kind, slug, url, token, caPem, zmq, budget, settleSeconds, history, historySince, version },
  );
  const { poll, paused, events, auditHours } = source;
  const quietHours = budget.quietHours ?? null;
  const { perMinute } = budget;
  return {
    source: { slug, poll, paused, events: events === 'auto', auditHours, quietHours, perMinute, adapter },
    close,
  };
}

export function openSources(configured: readonly Configured[], version: string, inboxOf: InboxOf): OpenSources {
  const opened = configured.map((source) => openSource(source, version, inboxOf));
  return {
    sources: opened.map(({ source }) => source),
    async close() {
      await Promise.all(opened.map(({ close }) => close()));
    },
  };
}

export function settingsOf(source: Configured): SourceSettings {
  return {
    slug: source.slug,
    name: source.name ?? source.slug,
    // What an agent reads is one, too.
    kind: 'LAVA',
    url: source.url,
    visibility: ({ public: 'PUBLIC', internal: 'INTERNAL', restricted: 'RESTRICTED' } as const)[source.visibility],
    teams: source.teams,
    labels: source.labels,
    retention: source.retention,
    historySince: source.historySince,
    paused: source.paused,
    periodSeconds: periodSeconds(source.poll),
    maxConcurrent: source.budget.concurrent,
    maxPerMinute: source.budget.perMinute,
  };
}
