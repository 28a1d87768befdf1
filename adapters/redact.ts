const KEY = String.raw`(?:\\{0,7}["'])?\b[\w-]{0,40}(?:token|secret|password|passwd|api[_-]?key|authorization)(?:\\{0,7}["'])?\s*[:=]\s*`;
/** "key": "value", also in JSON within a JSON string. */
const QUOTED = new RegExp(String.raw`(${KEY})(\\{0,7}["'])(?:(?!\2)(?:\\[\s\S]|[\s\S]))*\2`, 'gi');
/** key: value and key=value in YAML and shell, also within a JSON string. */
const PLAIN = new RegExp(String.raw`(${KEY})(?![\\"'\s[{|>])[^\s\\"',}]+`, 'gi');

/** Strikes the source's own token, and whatever is kept under a secret's name, out of a text. */
export function createRedactor(token: string | null): (text: string) => string {
  return (text) => {
    const struck = text.replace(QUOTED, '$1$2[redacted]$2').replace(PLAIN, '$1[redacted]');
    return token ? struck.replaceAll(token, '[redacted]') : struck;
  };
}
