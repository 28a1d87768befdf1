/** An audit as it will be some hours from now: nothing is taken for deleted sooner. */

import { loadConfig } from '#cli/config.ts';
import { inSession } from '#cli/session.ts';
import { auditSource } from '#ingest/audit.ts';
import type { AuditResult } from '#store/write-audit.ts';

export async function auditLater(env: NodeJS.ProcessEnv, hours: number): Promise<Map<string, AuditResult>> {
  const found = new Map<string, AuditResult>();
  await inSession(loadConfig(env), null, async ({ writer, sources, signal, now }) => {
    for (const { slug, adapter } of sources) {
      const later = () => now() + hours * 3_600_000_000;
      const deps = { writer, adapter, slug, now: later, signal, onFinished: () => undefined };
      found.set(slug, await auditSource(deps, { repairs: 0 }));
    }
  });
  return found;
}
