/** Secrets struck out of a job definition; every other byte stays. */
const SECRET_KEY = /(?:token|passw|secret|credential|api[_-]?key|private[_-]?key|authorization|auth$)/i;
const ENTRY = /^(\s*(?:- )?["']?)([A-Za-z0-9_. -]+?)(["']?\s*:)([ \t]+)(\S.*)?$/;
const STRUCK = '[redacted]';

export function redactDefinition(text: string): string {
  let secretIndent = -1;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      if (indent >= 0 && secretIndent >= 0 && indent > secretIndent) {
        return line.replace(/^(\s*(?:- )?(?:[^\s:#][^:]*:\s+)?)(.*\S)$/, (_, head: string) => `${head}${STRUCK}`);
      }
      if (indent >= 0) secretIndent = -1;
      const open = /^\s*(?:- )?["']?([A-Za-z0-9_.-]+)["']?\s*:\s*(?:[|>][+-]?\d*)?\s*$/.exec(line);
      if (open?.[1] && SECRET_KEY.test(open[1])) {
        secretIndent = indent;
        return line;
      }
      const entry = ENTRY.exec(line);
      const struck =
        entry?.[2] && entry[5] && SECRET_KEY.test(entry[2])
          ? `${entry[1]}${entry[2]}${entry[3]}${entry[4]}${STRUCK}`
          : line;
      return redactInline(struck);
    })
    .join('\n');
}

/** Inside a line: flow mappings, credentials in addresses, headers of a command. */
function redactInline(line: string): string {
  return line
    .replace(
      /(["']?[A-Za-z0-9_.-]*(?:token|passw|secret|credential|api[_-]?key)[A-Za-z0-9_.-]*["']?\s*:\s*)(?!\[redacted\])("[^"]*"|'[^']*'|[^,}\s]+)(?=\s*[,}])/gi,
      `$1${STRUCK}`,
    )
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi, `$1${STRUCK}@`)
    .replace(/(authorization\s*[:=]\s*)(?:(?:basic|bearer|token)\s+)?[^\s'",}]+/gi, `$1${STRUCK}`)
    .replace(/([?&][A-Za-z0-9_.-]*(?:token|passw|secret|key|sig)[A-Za-z0-9_.-]*=)[^&\s'"]+/gi, `$1${STRUCK}`);
}
