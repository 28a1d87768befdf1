/**
 * What a message says without what differs from run to run, so that the same failure reads the same on another board, in
 * another job, at another time. One line, no control characters; the same for a text that went through before.
 */

// Nothing below may look at a text twice: every repeat is bounded, but where what it took is gone for good.
const ANSI = /(?!\n)\p{Cc}\[[0-9;?]{0,32}[A-Za-z]/gu;
/** What turns or hides the text around it, and every control but the ends of lines. */
const HIDDEN = /\p{Cf}/gu;
const CONTROLS = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const SPACES = /[^\S\n]+/g;

const INSTANT = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?`;
const DAY_OF_MONTH = String.raw`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]?\d`;
const SYSLOG = String.raw`${DAY_OF_MONTH} \d\d:\d\d:\d\d(?: \d{4})?`;
/** What stands before a line: LAVA's wrapping, the time of the dispatcher or the syslog, the kernel's level, time and caller. */
const BEFORE_LINE = new RegExp(
  String.raw`(?:- \{"dt": ?"[^"]{0,40}", ?"lvl": ?"[a-z]{0,20}", ?"msg": ?"|${INSTANT}|${SYSLOG}|<\d{1,3}>|\[ ?\d{1,9}\.\d{1,9}\]|\[ ?[CT]\d{1,9}\])[: ]?`,
  'y',
);

const PLACEHOLDER = '<[a-z]{1,9}>';
const BEGINS = `(?<![A-Za-z0-9_]|${PLACEHOLDER})`;
const ENDS = '(?![A-Za-z0-9_])';
const HEX = '[0-9A-Fa-f]';

/** In this order at every place; a word that is none of them is taken whole. */
const PARTS = {
  placeholder: PLACEHOLDER,
  url: String.raw`${BEGINS}(?:https?|ftp|nfs|tftp|ssh|file):\/\/(?:[^\s"'<>]|${PLACEHOLDER})+`,
  path: String.raw`\/(?:var\/lib\/lava|tmp|var\/tmp|run\/user)\/(?:[^\s"'<>:,;)\]]|${PLACEHOLDER})+`,
  // A code says what failed: -110 is no -5, and 404 no 503.
  kept: String.raw`${BEGINS}(?:[Ee]rror|err|errno|ret|rc|[Ss]tatus|exit|[Cc]ode|exitcode|returned|signal|HTTP)[ :=(]{1,3}-?(?:0x${HEX}{1,8}|\d{1,3})(?![A-Za-z0-9_]|\.\d)|(?<![^\s(=:>])-\d{1,3}(?![A-Za-z0-9_]|\.\d)`,
  uuid: `${BEGINS}${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}${ENDS}`,
  mac: `${BEGINS}${HEX}{2}(?::${HEX}{2}){5}${ENDS}|${BEGINS}${HEX}{2}(?:-${HEX}{2}){5}${ENDS}`,
  time: `${INSTANT}|${SYSLOG}|${BEGINS}\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?${ENDS}`,
  date: String.raw`${BEGINS}(?:\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})${ENDS}`,
  ip: String.raw`${BEGINS}\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?${ENDS}|${BEGINS}(?=[0-9A-Fa-f:]{0,39}\d)(?:(?:${HEX}{1,4}:){7}${HEX}{1,4}|(?:${HEX}{1,4}:){1,6}(?::${HEX}{1,4}){1,6})${ENDS}`,
  off: String.raw`\+0x${HEX}{1,16}\/0x${HEX}{1,16}${ENDS}`,
  base: `${BEGINS}[A-Za-z0-9+/]{16,88}={1,2}(?![A-Za-z0-9_=+/]|${PLACEHOLDER})`,
  version: String.raw`${BEGINS}\d{1,4}\.\d{1,4}(?:\.\d{1,6})?(?:[-+.~][A-Za-z0-9]{1,40}){1,6}${ENDS}`,
  duration: String.raw`${BEGINS}\d{1,15}(?:\.\d{1,9})? ?(?:[num]?s|secs?|seconds?|msecs?|milliseconds?|min|minutes?|hours?|days?)${ENDS}`,
  n: String.raw`${BEGINS}\d{1,15}(?:[.,]\d{1,15})?${ENDS}`,
  word: '[A-Za-z0-9_]+',
} as const;
const NAMES = Object.keys(PARTS);
const PART = new RegExp(
  Object.values(PARTS)
    .map((part) => `(${part})`)
    .join('|'),
  'g',
);
/** Words with a number by which the kernel and the dispatcher tell what they found in some order. */
const NUMBERED =
  /^(CPU|cpu|PID|pid|tty[A-Za-z]{1,6}|eth|wlan|usb|mmc|mmcblk|nvme|loop|ata|scsi|host|slot|port|job|attempt)\d+$/;
const LONG_HEX = /^(?:0[xX][0-9A-Fa-f]+|(?=[A-Fa-f]*\d)[0-9A-Fa-f]{8,})$/;

export function normaliseMessage(text: string, hostnames: readonly string[] = []): string {
  const host = hostPattern(hostnames);
  const lines = new Set<string>();
  const clean = text.toWellFormed().replace(ANSI, '').replace(HIDDEN, '').replace(/\r\n?/g, '\n');
  for (const line of clean.replace(CONTROLS, ' ').replace(SPACES, ' ').split('\n')) {
    const said = withoutBeginning(line.trim());
    const named = host === null ? said : said.replace(host, (found) => (found.startsWith('<') ? found : '<host>'));
    const same = named.replace(PART, replacePart);
    if (same !== '') lines.add(same);
  }
  return [...lines].join(' ');
}

function withoutBeginning(line: string): string {
  let at = 0;
  let isWrapped = false;
  for (;;) {
    BEFORE_LINE.lastIndex = at;
    const found = BEFORE_LINE.exec(line)?.[0];
    if (found === undefined) break;
    isWrapped ||= found.startsWith('-');
    at += found.length;
  }
  const rest = line.slice(at);
  return (isWrapped && rest.endsWith('"}') ? rest.slice(0, -2) : rest).trim();
}

/** The longest first: "board-1" is no part of "board-1b". */
function hostPattern(hostnames: readonly string[]): RegExp | null {
  const names = hostnames.filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,255}$/.test(name));
  if (names.length === 0) return null;
  const ordered = [...new Set(names)].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.-]/g, '\\$&'));
  return new RegExp(`${PLACEHOLDER}|(?<![A-Za-z0-9_>-])(?:${ordered.join('|')})(?![A-Za-z0-9_<-])`, 'g');
}

function replacePart(whole: string, ...groups: unknown[]): string {
  const kind = NAMES[groups.findIndex((group) => group !== undefined)];
  if (kind === 'placeholder' || kind === 'kept') return whole;
  return kind === 'word' ? replaceWord(whole) : `<${kind}>`;
}

function replaceWord(word: string): string {
  if (LONG_HEX.test(word)) return '<hex>';
  const digits = /^\d*/.exec(word)?.[0] ?? '';
  const rest = word.slice(digits.length);
  return `${digits && '<n>'}${rest.replace(NUMBERED, '$1<n>')}`;
}
