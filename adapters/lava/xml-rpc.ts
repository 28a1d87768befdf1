/** A master's XML-RPC: calls that only read. */
import { SourceError } from '../error.ts';
import type { AskOptions, Http } from '../http.ts';
import { readAnswer, type Value } from './xml-rpc-value.ts';

const PATH = 'RPC2';
const METHODS = ['results.get_testjob_results_csv', 'scheduler.jobs.show', 'scheduler.jobs.logs'] as const;

/** A job's number and, of a log, the first line and the one after the last. */
export type MethodCall = { method: (typeof METHODS)[number]; args: readonly number[] };

const HEAD = '<?xml version="1.0"?><methodCall><methodName>';
const END = '</params></methodCall>';
const number = (arg: number | string) => `<value><int>${arg}</int></value>`;
const parameter = (arg: number | string) => `<param>${number(arg)}</param>`;
const single = (method: string, args: string) => `${HEAD}${method}</methodName><params>${args}${END}`;
const several = (parts: string) =>
  `${HEAD}system.multicall</methodName><params><param><value><array><data>${parts}</data></array></value></param>${END}`;
const part = (method: string, args: string) =>
  `<value><struct><member><name>methodName</name><value><string>${method}</string></value></member>` +
  `<member><name>params</name><value><array><data>${args}</data></array></value></member></struct></value>`;

/** All that is ever called. */
export const ALLOWED_CALLS = [
  single('METHOD', repeated(parameter('NUMBER'))),
  several(repeated(part('METHOD', repeated(number('NUMBER'))))),
].map((body) => ({ path: PATH, body: pattern(body) }));

function repeated(text: string): string {
  return `(${text})+`;
}

function pattern(body: string): RegExp {
  const methods = `(${METHODS.join('|')})`;
  const source = body.replace('METHOD', methods).replace(/[.?]/g, '\\$&').replace('NUMBER', '\\d+');
  return new RegExp(`^${source}$`);
}

/** The call was refused. 401 and 403: this user may not; 404: there is none of that number; -32601: there is no such method. */
export class Fault extends Error {
  readonly code: number;
  constructor(code: number, text: string) {
    super(text);
    this.name = 'Fault';
    this.code = code;
  }
}

type CallOptions = Pick<AskOptions, 'maxBytes' | 'weight' | 'once' | 'signal'>;

/** Null where the master refuses, does not answer, or answers what is none. */
export async function orNull<T>(asking: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await asking;
  } catch (cause) {
    if (signal.aborted || !(cause instanceof SourceError || cause instanceof Fault)) throw cause;
    return null;
  }
}

/** What the method answers; undefined when the master has no XML-RPC. @throws Fault and SourceError. */
export async function call(
  http: Http,
  slug: string,
  user: string,
  { method, args }: MethodCall,
  options: CallOptions,
): Promise<Value | undefined> {
  return (await post(http, slug, user, single(method, args.map(parameter).join('')), options))?.value;
}

/** As `call`, of several in one request: an answer or a fault for each, in their order. `tookMs`: from the question to the end of the answer. */
export async function callAll(
  http: Http,
  slug: string,
  user: string,
  calls: readonly MethodCall[],
  options: CallOptions,
): Promise<{ values: (Value | Fault)[]; tookMs: number } | undefined> {
  const body = several(calls.map(({ method, args }) => part(method, args.map(number).join(''))).join(''));
  const answer = await post(http, slug, user, body, options);
  if (!answer) return undefined;
  const { value, tookMs } = answer;
  if (!Array.isArray(value) || value.length !== calls.length) throw unexpected(slug, 'is not one for each call');
  // What is no fault comes as a list of one.
  const values = value.map((one) => (Array.isArray(one) && one[0] !== undefined ? one[0] : toFault(http, one)));
  return { values, tookMs };
}

async function post(
  http: Http,
  slug: string,
  user: string,
  body: string,
  options: CallOptions,
): Promise<{ value: Value; tookMs: number } | undefined> {
  const reply = await http.post(PATH, { body, contentType: 'text/xml', user }, options);
  if (!reply) return undefined;
  const answer = readWhole(slug, reply.body.text());
  if ('fault' in answer) throw toFault(http, answer.fault);
  return { value: answer.value, tookMs: reply.tookMs };
}

function readWhole(slug: string, xml: string): ReturnType<typeof readAnswer> {
  try {
    return readAnswer(xml);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw unexpected(slug, `breaks off or is none: ${cause.message}`);
    throw cause;
  }
}

function toFault(http: Http, value: Value): Fault {
  const members = value instanceof Map ? value : null;
  const [code, text] = [members?.get('faultCode'), members?.get('faultString')];
  const said = typeof text === 'string' && text !== '' ? text : 'the call was refused without a word';
  return new Fault(typeof code === 'number' ? code : 0, http.redact(said));
}

function unexpected(slug: string, what: string): SourceError {
  return new SourceError('BAD_PAYLOAD', slug, `the answer of /${PATH} ${what}`);
}
