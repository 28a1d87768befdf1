/** The bytes of element `index` of the "results" array of a JSON document, as the source wrote them. */
export function rawRecord(document: string, index: number): string {
  const list = /"results"\s*:\s*\[/.exec(document);
  if (!list) return '';
  let at = list.index + list[0].length;
  let depth = 0;
  let element = 0;
  let start = at;
  for (; at < document.length; at++) {
    const char = document[at];
    if (char === '"') {
      at += 1;
      while (at < document.length && document[at] !== '"') at += document[at] === '\\' ? 2 : 1;
    } else if (char === '{' || char === '[') depth += 1;
    else if (depth === 0 && (char === ',' || char === ']')) {
      if (element === index) return document.slice(start, at).trim();
      element += 1;
      start = at + 1;
      if (char === ']') return '';
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return document.slice(start).trim();
}
