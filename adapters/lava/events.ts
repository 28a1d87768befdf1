/** What a master tells by itself, at `/ws/` or by ZMQ. Old ones tell everybody everything: only a number and an end are taken. */
import { z } from 'zod';
import { MAX_NUMBER } from '#schema/records.ts';
import type { Ears } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';

const PATH = 'ws/';
/** A description has at most 200 characters. */
const LONGEST_FRAME = 64 * 1024;

const PARTS = 5;
/** Topic, uuid, time, user, what is told. */
const Frame = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]);
const Refusal = z.object({ error: z.string() });
const Told = z.object({ job: z.int().positive().max(MAX_NUMBER), state: z.string() });

export type Heard = { kind: 'finished'; id: number } | { kind: 'other' | 'noise' } | { kind: 'refused'; why: string };

export function readFrame(text: string): Heard {
  if (text.length > LONGEST_FRAME) return { kind: 'noise' };
  const value = parse(text);
  const refusal = Refusal.safeParse(value);
  if (refusal.success) return { kind: 'refused', why: refusal.data.error.slice(0, 200) };
  const frame = Frame.safeParse(value);
  if (!frame.success) return { kind: 'noise' };
  const [topic, , , , data] = frame.data;
  return readTold(topic, data);
}

/** The same frame as ZMQ carries it, in parts. */
export function readParts(parts: readonly Buffer[]): Heard {
  const [topic, , , , data] = parts;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (!topic || !data || parts.length !== PARTS || size > LONGEST_FRAME) return { kind: 'noise' };
  return readTold(topic.toString(), data.toString());
}

function readTold(topic: string, data: string): Heard {
  if (!topic.endsWith('.testjob')) return { kind: 'other' };
  const told = Told.safeParse(parse(data));
  if (!told.success) return { kind: 'noise' };
  return told.data.state === 'Finished' ? { kind: 'finished', id: told.data.job } : { kind: 'other' };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws SourceError UNAUTHORIZED when the master refuses in a frame, as it does; else as `Http.listen`. */
export async function listenToEvents(
  slug: string,
  http: Http,
  user: string | null,
  ears: Ears,
  signal: AbortSignal,
): Promise<void> {
  const refused = new AbortController();
  const onText = (text: string) => {
    const heard = readFrame(text);
    if (heard.kind === 'finished') ears.onFinished(String(heard.id));
    else if (heard.kind === 'noise') ears.onNoise();
    else if (heard.kind === 'refused') {
      const message = `tells no events (${http.redact(heard.why)}): give this source the token of a user of the master`;
      refused.abort(new SourceError('UNAUTHORIZED', slug, message));
    }
  };
  await http.listen(PATH, { user, onOpen: ears.onOpen, onText, signal: AbortSignal.any([signal, refused.signal]) });
}

/** Its publisher knows nobody and cannot refuse. @throws SourceError as `Http.subscribe`. */
export async function listenToPublisher(http: Http, ears: Ears, signal: AbortSignal): Promise<void> {
  const onMessage = (parts: Buffer[]) => {
    const heard = readParts(parts);
    if (heard.kind === 'finished') ears.onFinished(String(heard.id));
    else if (heard.kind === 'noise') ears.onNoise();
  };
  await http.subscribe({ onOpen: ears.onOpen, onMessage, signal });
}
