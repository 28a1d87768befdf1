/** How the steps of a pattern that does not match may grow with the text: 1 linear, 2 quadratic ... at worst. */

type Count = { ends: number; mayFail: boolean };

/** A repeat without an end costs a power where something after it may fail, and so does each place to begin at. */
export function degreeOf({ source, sticky }: RegExp): number {
  const { ends } = alternatives(source, { at: 0 }, false);
  const isAnchored = sticky || (source.startsWith('^') && !topLevelBar(source));
  return Math.max(1, ends + (isAnchored ? 0 : 1));
}

function topLevelBar(source: string): boolean {
  const at = { at: 0 };
  sequence(source, at);
  return at.at < source.length;
}

type Item = { body: (after: boolean) => Count; endless: boolean; optional: boolean; aside: boolean };

function alternatives(source: string, at: { at: number }, after: boolean): Count {
  const found: Count[] = [];
  for (;;) {
    found.push(count(sequence(source, at), after));
    if (source[at.at] !== '|') break;
    at.at += 1;
  }
  return { ends: Math.max(...found.map(({ ends }) => ends)), mayFail: found.every(({ mayFail }) => mayFail) };
}

function count(items: readonly Item[], after: boolean): Count {
  let [ends, aside, follows, mayFail] = [0, 0, after, false];
  for (const item of items.toReversed()) {
    const inner = item.body(item.aside ? false : follows || item.endless);
    const own = inner.ends + (item.endless && follows ? 1 : 0);
    if (item.aside) aside = Math.max(aside, own);
    else ends += own;
    if (!item.optional && inner.mayFail) [follows, mayFail] = [true, true];
  }
  return { ends: Math.max(ends, aside), mayFail };
}

function sequence(source: string, at: { at: number }): Item[] {
  const items: Item[] = [];
  while (at.at < source.length && source[at.at] !== '|' && source[at.at] !== ')') {
    const rest = source.slice(at.at);
    const open = /^\((?:\?(?:<?[=!]|:))?/.exec(rest)?.[0];
    let body: Item['body'] = () => ({ ends: 0, mayFail: true });
    if (open) {
      const inside = at.at + open.length;
      at.at = inside;
      alternatives(source, at, false);
      at.at += 1;
      body = (after) => alternatives(source, { at: inside }, after);
    } else at.at += /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\.|.)/u.exec(rest)?.[0].length ?? 1;
    const repeat = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at.at))?.[0] ?? '';
    at.at += repeat.length;
    items.push({
      body,
      endless: /^[*+]|,\}/.test(repeat),
      optional: /^[*?]|^\{0/.test(repeat),
      aside: open !== undefined && /[=!]$/.test(open),
    });
  }
  return items;
}
