/** Queries as the explorer asks them: by whoever looks at the page, and with all that is said about them. */
import { createClient } from 'graphql-ws';

export type Sent = { query: string; variables: Record<string, unknown>; operationName?: string };

export type Problem = {
  message: string;
  locations?: { line: number; column: number }[];
  path?: (string | number)[];
  extensions?: { code?: string };
};
export type Cost = { requested: number; limit: number; remaining: number };
type Answer = { data?: unknown; errors?: Problem[]; extensions?: { cost?: Cost } };

export type Answered = { status: number; ms: number; body: Answer; problems: Problem[]; cost: Cost | null };

const HEADERS = { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' };

export async function run(sent: Sent, signal: AbortSignal, extensions?: { dryRun: true }): Promise<Answered> {
  const began = performance.now();
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify({ ...sent, extensions }),
    signal,
  });
  if (!response.headers.get('content-type')?.includes('json'))
    throw new Error(`The server answered ${response.status} without JSON.`);
  const body: Answer = await response.json();
  return {
    status: response.status,
    ms: Math.round(performance.now() - began),
    body,
    problems: body.errors ?? [],
    cost: body.extensions?.cost ?? null,
  };
}

/** The events of a subscription, as the server tells them, until it ends or the signal comes. */
export async function* events(sent: Sent, signal: AbortSignal): AsyncGenerator<unknown> {
  const { protocol, host } = location;
  const client = createClient({ url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql`, retryAttempts: 0 });
  const heard = client.iterate(sent);
  signal.addEventListener('abort', () => heard.return?.());
  try {
    yield* heard;
  } finally {
    await client.dispose();
  }
}
