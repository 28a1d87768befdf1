/** The API over a store, without a port. */
import { EventEmitter } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { buildApp } from '#api/app.ts';
import type { FinishedJob } from '#api/subscription.ts';
import type { Store } from '#store/store.ts';

export function buildBenchApp(store: Store): Promise<FastifyInstance> {
  return buildApp({
    store,
    access: [],
    events: new EventEmitter<{ jobFinished: [FinishedJob] }>(),
    logger: pino({ level: 'silent' }),
    version: 'bench',
    startedAt: 0,
  });
}
