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
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const LINE = /^- \{"dt": ?"([^"]*)", ?"lvl": ?"([^"]*)", ?"msg": ?(.*)\}$/s;
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

export function parseLogLine(raw: string): LogLine {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  const match = LINE.exec(line);
  if (!match) return { at: null, level: '', text: raw };
  const [, dt = '', level = '', message = ''] = match;
  return { at: toMicros(dt), level, text: readMessage(message.trim()) };
}

function toMicros(text: string): number | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const millis = Date.parse(`${match[1]}${match[3] ?? 'Z'}`);
  return Number.isFinite(millis) ? millis * 1000 + Number((match[2] ?? '').padEnd(6, '0')) : null;
}

function readMessage(message: string): string {
  const value = parseJson(message) ?? parseJson(plainJson(message));
  if (value === undefined) return message.startsWith('"') ? unescapeYaml(message) : message;
  return typeof value === 'string' ? value : readable(value);
}

/** YAML's tags and escapes where JSON has none. */
function plainJson(message: string): string {
  return message
    .replace(/!{1,2}[a-z]* (?=")/g, '')
    .replace(/\\(?:x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|([0abvefNLP_ ]))/g, (_, two, eight, one) => {
      const char = two
        ? String.fromCharCode(Number.parseInt(two, 16))
        : eight
          ? codePoint(eight)
          : (ESCAPES[one] ?? '');
      return JSON.stringify(char).slice(1, -1);
    });
}

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

function unescapeYaml(quoted: string): string {
  const body = quoted.replace(/^"/, '').replace(/"$/, '');
  return body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs,
    (whole, two, four, eight, one) => {
      if (two ?? four) return String.fromCharCode(Number.parseInt(two ?? four, 16));
      return eight ? codePoint(eight) : (ESCAPES[one] ?? whole);
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Results lines carry a mapping: shown as "case: x result: pass". */
function readable(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}: ${typeof inner === 'object' ? JSON.stringify(inner) : String(inner)}`)
    .join('  ');
}
