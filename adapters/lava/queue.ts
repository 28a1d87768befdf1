/** How many jobs wait for each kind of board, as masters of 2023.06 and later count them for Prometheus. */
import { MAX_NAME, type Rejected } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';

const PATH = 'v1/prometheus/';
/** Five short lines a device type. */
const LONGEST = 4 * 1024 * 1024;
/** Of what was not understood, as much is kept. */
const KEPT = 500;
const LONGEST_LINE = 10 * KEPT;

export const QUEUE_PATH = new RegExp(`^${PATH}$`);

/** Whether the master counts, for this user. A page at this address that is no answer of a master is none. */
export async function hasQueue(http: Http, user: string | null, signal: AbortSignal): Promise<boolean> {
  try {
    return (await ask(http, user, signal)) !== null;
  } catch (cause) {
    if (cause instanceof SourceError) return false;
    throw cause;
  }
}

export type Queue = {
  /** Jobs that wait by device type; null when it is not known. */
  waiting: Map<string, number> | null;
  rejected: Rejected[];
};

/** Nothing else depends on it: what goes wrong makes it unknown, and is set aside unless it passes by itself. */
export async function readQueue(http: Http, user: string | null, signal: AbortSignal): Promise<Queue> {
  try {
    const text = await ask(http, user, signal);
    return text === null ? { waiting: null, rejected: [] } : parseQueue(text, http.redact);
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    return { waiting: null, rejected: cause.retryable ? [] : [reject(cause.message, '')] };
  }
}

async function ask(http: Http, user: string | null, signal: AbortSignal): Promise<string | null> {
  const reply = await http.get(PATH, { ...(user === null ? {} : { user }), maxBytes: LONGEST, signal });
  return reply ? reply.body.text() : null;
}

const SAMPLE = /^device_type\s*\{(?<labels>.*)\}\s*(?<value>\S+)(\s+-?\d+)?\s*$/s;
const LABEL = /(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"/gs;
const COUNT = /^\d{1,9}(\.0+)?$/;

/** The gauges are typed "counter"; order of labels, spaces, instants and other metrics are let pass. */
export function parseQueue(text: string, redact: (text: string) => string): Queue {
  const waiting = new Map<string, number>();
  const odd: string[] = [];
  let isMetrics = false;
  for (const line of text.split('\n')) {
    isMetrics ||= /^# TYPE device_type /.test(line);
    if (!/^device_type\b/.test(line)) continue;
    const sample = line.length > LONGEST_LINE ? undefined : SAMPLE.exec(line)?.groups;
    const labels = new Map(
      [...(sample?.labels ?? '').matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)]),
    );
    const state = labels.get('state');
    if (state !== undefined && state !== 'queue') continue;
    const [name, value] = [labels.get('name'), sample?.value ?? ''];
    if (state && name && name.length <= MAX_NAME && COUNT.test(value)) {
      isMetrics = true;
      waiting.set(name, Number(value));
    } else odd.push(line);
  }
  if (!isMetrics) {
    const reason = 'the answer names no device type: it is not what a master of LAVA counts';
    return { waiting: null, rejected: [reject(reason, redact(text.slice(0, KEPT)))] };
  }
  const [first] = odd;
  if (first === undefined) return { waiting, rejected: [] };
  const reason = `${odd.length} of the lines about device types are not understood, this one first; the others went on`;
  return { waiting, rejected: [reject(reason, redact(first.slice(0, KEPT)))] };
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/gs, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

function reject(reason: string, raw: string): Rejected {
  return { stage: 'deviceType', externalId: null, path: PATH, reason, raw };
}
