/** XML-RPC of the master in memory: the table of a job's results, as masters write it. */
import type { ServerResponse } from 'node:http';
import { load } from 'js-yaml';
import { type FakeJob, type FakeMaster, type Rpc, TOKEN, type Wire } from './fake-master.ts';

const COLUMNS =
  'job suite result measurement unit duration timeout logged level metadata url name id log_start_line log_end_line';
const CREDENTIALS = `Basic ${Buffer.from(`reader:${TOKEN}`).toString('base64')}`;

type Calls = { method: string; args: number[] }[];
type Refusal = { code: number; text: string };

/**
 * `change`: what is done to a table before it is given; `alone`: calls come one by one; `refused`: jobs of which calls say
 * nothing, and lists all, as for a user who may view every job.
 */
export function giveTables(
  change: (csv: string) => string = (csv) => csv,
  { alone = false, refused = new Set<number>() } = {},
): Rpc {
  return (master, body, authorization, response) => {
    const isKnown = authorization === CREDENTIALS;
    const answer = (call: Calls[number]) => {
      if (!isKnown) return { code: 401, text: 'Authentication with user and token required.' };
      const [id = 0] = call.args;
      return refused.has(id)
        ? { code: 401, text: `Permission denied for user to job ${id}` }
        : answerTo(master, call, change);
    };
    const calls = callsIn(body);
    const isMany = body.includes('<methodName>system.multicall</methodName>');
    if (isMany && alone) fault(response, -32601, 'no such method');
    else if (isMany) {
      const values = calls.map(answer).map((one) => (typeof one === 'string' ? arrayOf([one]) : refusal(one)));
      xml(response, `<params>\n<param>\n${arrayOf(values)}\n</param>\n</params>`);
    } else {
      const [one] = calls.map(answer);
      if (typeof one === 'string') xml(response, `<params>\n<param>\n${one}\n</param>\n</params>`);
      else {
        if (!one || one.code === -32601) master.unexpected.push(body);
        fault(response, one?.code ?? -32601, one?.text ?? 'no such method');
      }
    }
  };
}

function callsIn(body: string): Calls {
  const one = /<methodName>([\w.]+)<\/methodName>(.*)/g;
  const each = /<name>methodName<\/name><value><string>([\w.]+)<\/string>.*?<data>(.*?)<\/data>/g;
  return [...body.matchAll(body.includes('system.multicall') ? each : one)].map(toCall);
}

function toCall([, method = '', args = '']: RegExpMatchArray | string[]): Calls[number] {
  return { method, args: [...args.matchAll(/<int>(\d+)<\/int>/g)].map(([, n]) => Number(n)) };
}

function answerTo(
  master: FakeMaster,
  { method, args }: Calls[number],
  change: (csv: string) => string,
): string | Refusal {
  const [id = 0, from = 0, to] = args;
  const job = master.jobs.get(id);
  const isTable = method === 'results.get_testjob_results_csv';
  if (!isTable && method !== 'scheduler.jobs.logs') return { code: -32601, text: 'no such method' };
  if (!job) return { code: 404, text: 'Specified job not found.' };
  if (isTable) return `<value><string>${escapeXml(change(tableOf(String(id), job)))}</string></value>`;
  const ended = `<value><boolean>${job.row.state === 'Finished' ? 1 : 0}</boolean></value>`;
  const lines = job.log === null ? ['[]'] : (job.log.toString('utf8').match(/.*\n|.+$/g) ?? []).slice(from, to);
  const base64 = Buffer.from(lines.join('')).toString('base64').replace(/.{76}/g, '$&\n');
  return arrayOf([ended, `<value><base64>\n${base64}\n</base64></value>`]);
}

const arrayOf = (values: readonly string[]) => `<value><array><data>\n${values.join('\n')}\n</data></array></value>`;

/** Answers whether jobs are there, as `scheduler.jobs.show` does; calls of anything else go to `others`. */
export function showJobs(others: Rpc | null = null): Rpc {
  return (master, body, authorization, response) => {
    const id = /<methodName>scheduler\.jobs\.show<\/methodName>.*<int>(\d+)<\/int>/.exec(body)?.[1];
    const basic = `Basic ${Buffer.from(`${master.user}:${TOKEN}`).toString('base64')}`;
    if (id === undefined) {
      if (others) others(master, body, authorization, response);
      else fault(response, -32601, 'no such method');
    } else if (authorization !== basic) fault(response, 401, 'Authentication with user and token required.');
    else if (master.concealed.has(Number(id))) fault(response, 403, `Job '${id}' not available to user.`);
    else if (!master.jobs.has(Number(id))) fault(response, 404, `Job '${id}' was not found.`);
    else {
      const members = `<member><name>id</name><value><int>${id}</int></value></member><member><name>description</name><value><string>a secret</string></value></member>`;
      xml(response, `<params><param><value><struct>${members}</struct></value></param></params>`);
    }
  };
}

function tableOf(id: string, job: FakeJob): string {
  const lines = job.tests.map((row) => {
    const suite = job.suites.find((one) => one.id === row.suite);
    const cells = [
      id,
      String(suite?.name ?? ''),
      String(row.result),
      row.measurement === null ? 'None' : String(row.measurement),
      String(row.unit ?? ''),
      '',
      '',
      String(row.logged).replace('T', ' ').replace('Z', '+00:00'),
      '',
      metadataOf(row.metadata),
      `/results/testcase/${row.id}`,
      String(row.name),
      String(row.id),
      String(row.start_log_line || ''),
      String(row.end_log_line || ''),
    ];
    return csvLine(cells);
  });
  return [csvLine(COLUMNS.split(' ')), ...lines].join('');
}

/** PyYAML takes a day for a date. */
function metadataOf(yaml: unknown): string {
  if (typeof yaml !== 'string') return '{}';
  const days = yaml.match(/(?<=: )\d{4}-\d\d-\d\d$/gm) ?? [];
  return days.reduce(
    (text, day) => text.replace(`'${day}'`, `datetime.date(${day.split('-').map(Number).join(', ')})`),
    repr(load(yaml)),
  );
}

const csvLine = (cells: readonly string[]) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function fault(response: ServerResponse, code: number, text: string): void {
  xml(response, `<fault>\n${refusal({ code, text })}\n</fault>`);
}

function refusal({ code, text }: Refusal): string {
  const member = (name: string, value: string) =>
    `<member>\n<name>${name}</name>\n<value>${value}</value>\n</member>\n`;
  const members = member('faultCode', `<int>${code}</int>`) + member('faultString', `<string>${text}</string>`);
  return `<value><struct>\n${members}</struct></value>`;
}

function xml(response: ServerResponse, inner: string): void {
  response
    .writeHead(200, { 'content-type': 'text/xml' })
    .end(`<?xml version='1.0'?>\n<methodResponse>\n${inner}\n</methodResponse>\n`);
}

/** A value as Python writes it. */
export function repr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return reprOfText(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value as Wire)
      .map(([key, inner]) => `${reprOfText(key)}: ${repr(inner)}`)
      .join(', ')}}`;
  return String(value);
}

function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = [...text].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === quote || char === '\\') return `\\${char}`;
    if (char === '\n') return '\\n';
    if (char === '\r') return '\\r';
    if (char === '\t') return '\\t';
    if (code < 0x20 || (code >= 0x7f && code < 0xa1)) return `\\x${code.toString(16).padStart(2, '0')}`;
    return char;
  });
  return `${quote}${inner.join('')}${quote}`;
}
