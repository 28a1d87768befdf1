/** XML-RPC of the master in memory: the table of a job's results, as masters write it. */
import type { ServerResponse } from 'node:http';
import { load } from 'js-yaml';
import { type FakeJob, type Rpc, TOKEN, type Wire } from './fake-master.ts';

const COLUMNS =
  'job suite result measurement unit duration timeout logged level metadata url name id log_start_line log_end_line';
const CREDENTIALS = `Basic ${Buffer.from(`reader:${TOKEN}`).toString('base64')}`;

/** `change`: what is done to the table before it is given. */
export function giveTables(change: (csv: string) => string = (csv) => csv): Rpc {
  return (master, body, authorization, response) => {
    const [, method, id = ''] = /<methodName>(.*)<\/methodName>.*<int>(\d+)<\/int>/.exec(body) ?? [];
    const job = master.jobs.get(Number(id));
    if (method !== 'results.get_testjob_results_csv') {
      master.unexpected.push(body);
      fault(response, -32601, 'no such method');
    } else if (authorization !== CREDENTIALS) fault(response, 401, 'Authentication with user and token required.');
    else if (!job) fault(response, 404, 'Specified job not found.');
    else {
      const value = `<value><string>${escapeXml(change(tableOf(id, job)))}</string></value>`;
      xml(response, `<params>\n<param>\n${value}\n</param>\n</params>`);
    }
  };
}

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
    return csvLine([
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
    ]);
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
  const member = (name: string, value: string) =>
    `<member>\n<name>${name}</name>\n<value>${value}</value>\n</member>\n`;
  const members = member('faultCode', `<int>${code}</int>`) + member('faultString', `<string>${text}</string>`);
  xml(response, `<fault>\n<value><struct>\n${members}</struct></value>\n</fault>`);
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
