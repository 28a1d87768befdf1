/**
 * Values of XML-RPC. Read as text and not as XML: masters let control characters through, which XML forbids. Struct members
 * are looked up by name and make no property of an object.
 */

export type Value = string | number | boolean | null | Buffer | Value[] | ReadonlyMap<string, Value>;

const DEEPEST = 8;
const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" };

/** @throws SyntaxError where the text is no answer, or none that is whole. */
export function readAnswer(xml: string): { value: Value } | { fault: Value } {
  const reader = createReader(xml);
  if (reader.skip('?xml')) reader.until('?>');
  reader.open('methodResponse');
  const isFault = reader.skip('fault');
  if (!isFault) {
    reader.open('params');
    reader.open('param');
  }
  const value = reader.value(0);
  for (const tag of isFault ? ['/fault'] : ['/param', '/params']) reader.open(tag);
  reader.open('/methodResponse');
  return isFault ? { fault: value } : { value };
}

function createReader(xml: string) {
  let at = 0;
  const blank = () => {
    while (at < xml.length && xml.charCodeAt(at) <= 32) at += 1;
  };
  const broken = (wanted: string) => new SyntaxError(`no ${wanted} at character ${at} of ${xml.length}`);

  /** Goes beyond the tag when it comes next. */
  const skip = (tag: string): boolean => {
    blank();
    if (!xml.startsWith(`<${tag}`, at)) return false;
    const end = xml[at + 1 + tag.length];
    if (tag !== '?xml' && end !== '>') return false;
    at += tag.length + (tag === '?xml' ? 1 : 2);
    return true;
  };
  const open = (tag: string): void => {
    if (!skip(tag)) throw broken(`<${tag}>`);
  };
  const until = (end: string): string => {
    const to = xml.indexOf(end, at);
    if (to < 0) throw broken(end);
    const text = xml.slice(at, to);
    at = to + end.length;
    return text;
  };

  const value = (depth: number): Value => {
    if (depth > DEEPEST) throw broken('value that lies so deep');
    open('value');
    const found = inner(depth);
    open('/value');
    return found;
  };
  const inner = (depth: number): Value => {
    if (skip('string')) return unescaped(until('</string>'));
    if (skip('int')) return Number(until('</int>'));
    if (skip('i4')) return Number(until('</i4>'));
    if (skip('double')) return Number(until('</double>'));
    if (skip('boolean')) return until('</boolean>') === '1';
    if (skip('base64')) return Buffer.from(until('</base64>'), 'base64');
    if (skip('dateTime.iso8601')) return until('</dateTime.iso8601>');
    if (skip('nil/')) return null;
    if (skip('array')) return array(depth);
    if (skip('struct')) return struct(depth);
    throw broken('value');
  };
  const array = (depth: number): Value[] => {
    const values: Value[] = [];
    open('data');
    while (!skip('/data')) values.push(value(depth + 1));
    open('/array');
    return values;
  };
  const struct = (depth: number): Map<string, Value> => {
    const members = new Map<string, Value>();
    while (skip('member')) {
      open('name');
      const name = unescaped(until('</name>'));
      members.set(name, value(depth + 1));
      open('/member');
    }
    open('/struct');
    return members;
  };
  return { skip, open, until, value };
}

function unescaped(text: string): string {
  return text.includes('&') ? text.replace(/&(?:lt|gt|amp|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity) : text;
}
