/** What a callback's body begins with: JSON or a form, up to tens of megabytes, of which only a number is taken. */
import type { IncomingMessage } from 'node:http';

/** How much of a body is waited for, and how long. */
export type Limits = { bytes: number; ms: number };

const STEP = 4 * 1024;

/** What `find` finds in the beginning of the body; null when there is nothing. What comes after is not read here. */
export function searchHead<T>(
  body: IncomingMessage,
  most: Limits,
  find: (head: string) => T | null,
): Promise<T | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  let searched = 0;
  return new Promise((resolve) => {
    const settle = (found: T | null) => {
      clearTimeout(timer);
      body.off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve(found);
    };
    const search = (end: string) => find(Buffer.concat(chunks).toString('latin1') + end);
    const onEnd = () => settle(search(END));
    const onData = (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, most.bytes - size));
      size += chunk.length;
      // Whoever sends byte by byte does not have as many searched again for each.
      if (size > STEP && size - searched < STEP && size < most.bytes) return;
      searched = size;
      const found = search('');
      if (found !== null || size >= most.bytes) settle(found);
    };
    const timer = setTimeout(() => settle(null), most.ms);
    body.on('data', onData).on('end', onEnd).on('close', onEnd);
  });
}

/** Ends the last value of a form, and nothing of JSON. */
const END = '&';

const isJson = (head: string) => head.trimStart().startsWith('{');

const JSON_ID = /^\s*\{\s*"id"\s*:\s*"?([1-9]\d{0,14})"?\s*[,}]/;
const FORM_ID = /(?:^|&)id=([1-9]\d{0,14})&/;

/** The job's number; in JSON it comes first. */
export function idIn(head: string): string | null {
  return (isJson(head) ? JSON_ID : FORM_ID).exec(head)?.[1] ?? null;
}

const JSON_TOKEN = /[,{]\s*"token"\s*:\s*("(?:[^"\\]|\\.)*")/g;
const FORM_TOKEN = /(?:^|&)token=([^&]*)&/g;
const MOST_TOKENS = 4;

/** What the body calls its token. No quote within a text of JSON is bare: a definition cannot speak for the body. */
export function tokensIn(head: string): string[] {
  const found = [...head.matchAll(isJson(head) ? JSON_TOKEN : FORM_TOKEN)].slice(0, MOST_TOKENS);
  return found.map(([, text = '']) => (isJson(head) ? unquoted(text) : decoded(text)));
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}

const decoded = (text: string) => new URLSearchParams(`token=${text}`).get('token') ?? '';
