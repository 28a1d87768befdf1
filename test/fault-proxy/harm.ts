/** What can go wrong with one answer of a master. */
import type { ServerResponse } from 'node:http';
import { send } from '../adapters/fake-master.ts';

/** Answers instead of the master. */
type Harm = (response: ServerResponse, asked: { path: string }) => true;

const page = { 'content-type': 'text/html' };

export const HARMS = {
  'HTTP 500': (response) => send(response, 500, '<h1>Server Error (500)</h1>', page),
  'HTTP 502': (response) => send(response, 502, '<h1>Bad Gateway</h1>', page),
  'HTTP 503, come back': (response) => send(response, 503, '', { 'retry-after': '0' }),
  'HTTP 429, come back': (response) => send(response, 429, '', { 'retry-after': '0' }),
  'HTTP 400': (response) => send(response, 400, { detail: 'not today' }),
  'a login page': (response) => send(response, 200, '<!doctype html><h1>Log in</h1>', page),
  'sent to the login': (response, { path }) => send(response, 302, '', { location: `/accounts/login/?next=${path}` }),
  'a token that is refused': (response) => send(response, 403, { detail: 'Invalid token.' }),
  'a connection that breaks at once': (response) => {
    response.socket?.resetAndDestroy();
    return true;
  },
  'an answer that breaks off': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"count": 1, "next": null, "previous": null, "results": [{"id": ');
    setImmediate(() => response.socket?.destroy());
    return true;
  },
  'half a document': (response) =>
    send(response, 200, '{"count": 2, "next": null, "previous": null, "results": [{"id": 1, "na'),
  'another document': (response) => send(response, 200, { detail: 'under construction' }),
  'a list that lacks its rows': (response) =>
    send(response, 200, { count: 3, next: null, previous: null, results: [] }),
  'an empty answer': (response) => send(response, 200, ''),
  silence: (response) => {
    setTimeout(() => response.socket?.destroy(), 300).unref();
    return true;
  },
} satisfies Record<string, Harm>;

export type HarmName = keyof typeof HARMS;
export const HARM_NAMES = Object.keys(HARMS) as HarmName[];

/** What no reader can tell from the truth: a log may be any text. */
export function isLie(harm: HarmName, path: string): boolean {
  return path.endsWith('/logs/') && harm === 'an empty answer';
}
