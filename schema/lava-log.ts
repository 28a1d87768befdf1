/** One line of a LAVA log: `- {"dt": "...", "lvl": "...", "msg": ...}`, YAML that is nearly JSON. Never throws. */
export type LogLine = {
  /** Dispatcher's clock, microseconds; null when the line has none. */
  at: number | null;
  /** "" when the line cannot be understood: its text is then the raw line. */
  level: string;
  text: string;
};

const ESCAPES: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?$/;
/** A quoted text with or without its tag: `! "570"`, `!!int "12"`. */
const SCALAR = /(?:(![^\s"]{0,40}) )?"((?:[^"\\]|\\[\s\S])*)"/g;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

export function parseLogLine(raw: string): LogLine {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  const body = line.startsWith('- {') ? line.slice(2) : '';
  const said = parseObject(body) ?? parseObject(toJson(body));
  if (!said || typeof said.lvl !== 'string' || !('msg' in said)) return { at: null, level: '', text: raw };
  return { at: typeof said.dt === 'string' ? toMicros(said.dt) : null, level: said.lvl, text: readable(said.msg) };
}

function toMicros(text: string): number | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const millis = Date.parse(`${match[1]}${match[3] ?? 'Z'}`);
  return Number.isFinite(millis) ? millis * 1000 + Number((match[2] ?? '').padEnd(6, '0')) : null;
}

function parseObject(text: string): { [key: string]: unknown } | null {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Writes YAML's tags and escapes as JSON; every other scalar of a log is quoted already. */
function toJson(body: string): string {
  return body.replace(SCALAR, (_, tag: string | undefined, quoted: string) => {
    const text = quoted.replace(ESCAPE, (_, two?: string, four?: string, eight?: string, one?: string) => {
      const hex = two ?? four ?? eight;
      return hex ? toChar(Number.parseInt(hex, 16)) : (ESCAPES[one ?? ''] ?? one ?? '');
    });
    return JSON.stringify(tag === '!!binary' ? Buffer.from(text, 'base64').toString('utf8') : text);
  });
}

function toChar(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

/** Results lines carry a mapping: shown as "case: x  result: pass". */
function readable(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}: ${typeof inner === 'object' ? JSON.stringify(inner) : String(inner)}`)
    .join('  ');
}
