/** Of a job that the lists do not name: is it gone, or only out of this token's sight? */
import type { Whereabouts } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Client } from './client.ts';
import { call, Fault } from './xml-rpc.ts';

const ANSWER_BYTES = 1024 * 1024;

export type Asker = {
  client: Client;
  slug: string;
  /** The user of the token: who may call XML-RPC. */
  user: string | null;
  /** Whether the lists of a hidden job answer otherwise than those of none. */
  tellsApart: boolean;
};

/** Of what is answered, nothing but the verdict is kept. @throws SourceError */
export async function lookFor(asker: Asker, jobId: number, signal: AbortSignal): Promise<Whereabouts> {
  const called = asker.user === null ? 'unknown' : await byCall(asker, asker.user, jobId, signal);
  return called === 'unknown' ? byLists(asker, jobId, signal) : called;
}

/** Masters of 2025.10 and later: 403 for a hidden job, 404 for none. Before: an empty list for both, or an error. */
export async function tellsApart(client: Client, signal: AbortSignal): Promise<boolean> {
  try {
    return (await client.count(0, 'suites', signal)) === null;
  } catch (cause) {
    if (cause instanceof SourceError && cause.code === 'SERVER_ERROR') return false;
    throw cause;
  }
}

async function byCall({ client, slug }: Asker, user: string, jobId: number, signal: AbortSignal): Promise<Whereabouts> {
  try {
    const options = { maxBytes: ANSWER_BYTES, signal };
    const answer = await call(client.http, slug, user, { method: 'scheduler.jobs.show', args: [jobId] }, options);
    return answer === undefined ? 'unknown' : 'there';
  } catch (cause) {
    // A proxy may let nobody call.
    const isClosed = cause instanceof SourceError && ['UNAUTHORIZED', 'FORBIDDEN', 'UNSUPPORTED'].includes(cause.code);
    if (isClosed) return 'unknown';
    if (!(cause instanceof Fault)) throw cause;
    return cause.code === 404 ? 'gone' : cause.code === 403 ? 'hidden' : 'unknown';
  }
}

async function byLists({ client, tellsApart }: Asker, jobId: number, signal: AbortSignal): Promise<Whereabouts> {
  if (await client.isShown(jobId, signal)) return 'there';
  if (!tellsApart) return 'unknown';
  try {
    return (await client.count(jobId, 'suites', signal)) === null ? 'gone' : 'unknown';
  } catch (cause) {
    if (cause instanceof SourceError && cause.code === 'FORBIDDEN') return 'hidden';
    throw cause;
  }
}
