/** Kinds of sources. A new kind is one folder and one line here. */
import type { Micros } from '#schema/records.ts';
import type { Adapter } from './adapter.ts';
import type { Inbox } from './agent/inbox.ts';
import { createAgentAdapter } from './agent/index.ts';
import type { BudgetLimits } from './budget.ts';
import { createHttp } from './http.ts';
import { ALLOWED, kindOf } from './lava/client.ts';
import { createLavaAdapter } from './lava/index.ts';
import { ALLOWED_CALLS } from './lava/xml-rpc.ts';

export type MasterOptions = {
  kind: 'lava';
  slug: string;
  /** Ends in "/". */
  url: string;
  token: string | null;
  caPem: string | null;
  /** Where it publishes what happens, "tcp://host:port"; null: nowhere. */
  zmq: string | null;
  budget: BudgetLimits & { concurrent: number };
  settleSeconds: number;
  history: 'newest' | 'oldest';
  /** Jobs submitted before are not read; null: all are. */
  historySince: Micros | null;
  version: string;
  /** Somebody waits for the answer: one try, and no long silence. */
  isUrgent?: boolean;
};

/** A source that an agent reads: what it has pushed. */
export type AgentOptions = { kind: 'agent'; slug: string; inbox: Inbox };

export type SourceOptions = MasterOptions | AgentOptions;

const URGENT = { attempts: 1, timeoutMs: 8_000, totalTimeoutMs: 15_000, maxBytes: 32 * 1024 * 1024 };

export function openAdapter(options: SourceOptions): { adapter: Adapter; close(): Promise<void> } {
  if (options.kind === 'agent') {
    return { adapter: createAgentAdapter(options.slug, options.inbox), close: async () => undefined };
  }
  const http = createHttp({
    ...options,
    ...(options.isUrgent ? URGENT : {}),
    allowed: ALLOWED,
    allowedCalls: ALLOWED_CALLS,
    kindOf,
    userAgent: `Basalt/${options.version}`,
  });
  const adapter = createLavaAdapter(
    { ...options, hasToken: options.token !== null, hasPublisher: options.zmq !== null },
    http,
  );
  return { adapter, close: () => http.close() };
}
