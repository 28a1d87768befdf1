/** A master's XML-RPC: calls that read and answer a text. */
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';

const PATH = 'RPC2';
const METHODS = ['results.get_testjob_results_csv', 'scheduler.jobs.show'] as const;
export type Method = (typeof METHODS)[number];

const body = (method: string, argument: string) =>
  `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params><param><value><int>${argument}</int></value></param></params></methodCall>`;

/** All that is ever called. */
export const ALLOWED_CALLS = METHODS.map((method) => ({
  path: PATH,
  body: new RegExp(`^${body(method, '\\d+').replace(/[.?]/g, '\\$&')}$`),
}));

/** The call was refused. 401 and 403: this user may not; 404: there is none of that number; -32601: there is no such method. */
export class Fault extends Error {
  readonly code: number;
  constructor(code: number, text: string) {
    super(text);
    this.name = 'Fault';
    this.code = code;
  }
}

/**
 * The text that the method answers for the number, of several the first; null when the master has no XML-RPC.
 * @throws Fault and SourceError.
 */
export async function callForText(
  http: Http,
  slug: string,
  user: string,
  method: Method,
  argument: number,
  options: { maxBytes: number; signal: AbortSignal },
): Promise<string | null> {
  const call = { body: body(method, String(argument)), contentType: 'text/xml', user };
  const reply = await http.post(PATH, call, options);
  if (!reply) return null;
  const xml = reply.body.text();
  if (!xml.trimEnd().endsWith('</methodResponse>')) throw unexpected(slug, 'breaks off');
  const fault = /<fault>/.test(xml.slice(0, 200));
  if (fault) {
    const code = /<name>faultCode<\/name>\s*<value><int>(-?\d+)<\/int>/.exec(xml)?.[1];
    throw new Fault(Number(code ?? 0), http.redact(textOf(xml) ?? 'the call was refused without a word'));
  }
  return textOf(xml) ?? '';
}

function unexpected(slug: string, what: string): SourceError {
  return new SourceError('BAD_PAYLOAD', slug, `the answer of /${PATH} ${what}`);
}

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" };

/** Of the first string in the answer. As text and not as XML: masters let control characters through, which XML forbids. */
function textOf(xml: string): string | null {
  const from = xml.indexOf('<string>');
  const to = xml.indexOf('</string>', from);
  if (from < 0 || to < 0) return null;
  return xml
    .slice(from + '<string>'.length, to)
    .replace(/&(?:lt|gt|amp|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity);
}
