/** Secrets struck out of a job definition; every other byte stays. */
const WORDS =
  'token|passw|passphrase|secret|credential|(?:api|private|access|signing|encryption|deploy|ssh|host|license)[_. -]?key|authorization';
const SECRET_KEY = new RegExp(`${WORDS}|auth$|cookie|(?:^|[_. -])(?:pass|pwd|psk)$`, 'i');
const DASHES = /^\s*(?:#\s*)?(?:- +)*/;
const ENTRY = /^(["']?)([^"':#{}[\],&*!|>]+?)\1(\s*:)(?:([ \t]+)(\S.*))?\s*$/;
const STRUCK = '[redacted]';

/** True for the name of something that may not be shown. */
export function namesSecret(key: string): boolean {
  return SECRET_KEY.test(key) && !/prompts?$/i.test(key);
}

export function redactDefinition(text: string): string {
  /** Column of the secret key whose value is being passed; -1 outside. */
  let secret = -1;
  let pem = false;
  return text
    .split('\n')
    .map((line) => {
      const head = DASHES.exec(line)?.[0] ?? '';
      const rest = line.slice(head.length);
      if (rest === '' || rest === '\r') return line;
      if (pem || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(line)) {
        pem = !/-----END [A-Z ]*PRIVATE KEY-----/.test(line);
        return strike(head, rest);
      }
      const inside =
        secret >= 0 && (head.length > secret || (head.trimEnd().endsWith('-') && indentOf(line) >= secret));
      if (inside) return strikeInside(head, rest);
      secret = -1;
      const entry = ENTRY.exec(rest);
      if (!entry?.[2] || !namesSecret(entry[2])) return redactInline(line);
      secret = head.length;
      const [, quote = '', key, colon = '', space, value] = entry;
      if (value === undefined || /^[|>][+-]?\d*[+-]?\s*(?:#.*)?$/.test(value)) return line;
      return `${head}${quote}${key}${quote}${colon}${space}${STRUCK}${ending(line)}`;
    })
    .join('\n');
}

function indentOf(line: string): number {
  return line.search(/\S/);
}

function ending(line: string): string {
  return line.endsWith('\r') ? '\r' : '';
}

function strike(head: string, rest: string): string {
  return `${head}${STRUCK}${ending(rest)}`;
}

/** Below a secret key the names may stay, so that one sees what was set. */
function strikeInside(head: string, rest: string): string {
  const entry = /^(["']?[A-Za-z0-9_.-]{1,64}["']?\s*:)(?:([ \t]+)(\S.*))?\r?$/.exec(rest);
  if (!entry) return strike(head, rest);
  return entry[3] === undefined ? `${head}${rest}` : `${head}${entry[1]}${entry[2]}${STRUCK}${ending(rest)}`;
}

// Repeats are bounded: a definition is written by whoever may submit a job.
const NAME = `[A-Za-z0-9_.-]{0,40}(?:${WORDS})[A-Za-z0-9_.-]{0,40}`;
/** In a flow mapping the colon of a bare key is followed by a space; that of a quoted one need not be. */
const KEYED = `(?:"${NAME}"\\s*:\\s*|'${NAME}'\\s*:\\s*|${NAME}:[ \\t]+)`;
const FLOW_BLOCK = new RegExp(`(${KEYED})(\\{[^{}]*\\}|\\[[^[\\]]*\\])`, 'gi');
const FLOW_VALUE = new RegExp(`(${KEYED})(?!\\[redacted\\])("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^,{}[\\]\\s"']+)`, 'gi');
const ASSIGNED = new RegExp(`((?:^|[\\s"'?&;])(?:${NAME}|-{0,2}sig|key)=)("[^"]*"|'[^']*'|[^\\s&'"]+)`, 'gi');
const OPTION = new RegExp(`(\\s--?${NAME}\\s+)("[^"]*"|'[^']*'|[^\\s-][^\\s'"]*)`, 'gi');
const KNOWN =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g;

/** Inside a line: flow mappings, credentials in addresses, headers, assignments and options of a command. */
function redactInline(line: string): string {
  return line
    .replace(
      /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^\s/?#'"]{0,200}:[^\s/?#'"]{0,400}|[^\s/?#'"@]{16,400})@/gi,
      `$1${STRUCK}@`,
    )
    .replace(
      /((?:authorization|token)["']?\s{0,9}[:=]\s{0,9}["']?)(?!\[redacted\])(?:(?:basic|bearer|token)\s+)?[^\s'",}&]+/gi,
      `$1${STRUCK}`,
    )
    .replace(/(\s(?:-u|--user)[ =]?["']?[^\s:'"]+:)[^\s'"]+/g, `$1${STRUCK}`)
    .replace(/(\bsshpass\s+-p\s*)("[^"]*"|'[^']*'|\S+)/g, `$1${STRUCK}`)
    .replace(FLOW_BLOCK, `$1${STRUCK}`)
    .replace(FLOW_VALUE, `$1${STRUCK}`)
    .replace(ASSIGNED, `$1${STRUCK}`)
    .replace(OPTION, `$1${STRUCK}`)
    .replace(KNOWN, STRUCK);
}
