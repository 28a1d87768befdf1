/** Two lists of lines laid side by side, as patience does it: lines that both have once are matched first. */

/** Lines that are the same in both, one after the other. */
export type Match = { base: number; target: number };

type Range = { from: number; to: number };

/** So many pairs of lines are looked at where nothing occurs once; larger pieces stay apart. */
const MOST_PAIRS = 250_000;

/** Where lines of one list stand beside the same lines of the other, in the order of both. */
export function alignLines(base: readonly string[], target: readonly string[]): Match[] {
  const matches: Match[] = [];
  const open = [{ base: { from: 0, to: base.length }, target: { from: 0, to: target.length } }];
  for (let piece = open.pop(); piece; piece = open.pop()) {
    let [b, t] = [piece.base, piece.target];
    while (b.from < b.to && t.from < t.to && base[b.from] === target[t.from]) {
      matches.push({ base: b.from, target: t.from });
      [b, t] = [
        { ...b, from: b.from + 1 },
        { ...t, from: t.from + 1 },
      ];
    }
    while (b.from < b.to && t.from < t.to && base[b.to - 1] === target[t.to - 1]) {
      [b, t] = [
        { ...b, to: b.to - 1 },
        { ...t, to: t.to - 1 },
      ];
      matches.push({ base: b.to, target: t.to });
    }
    if (b.from === b.to || t.from === t.to) continue;
    const anchors = longestRun(onceInBoth(base, b, target, t));
    if (anchors.length === 0) {
      matches.push(...commonSubsequence(base, b, target, t));
      continue;
    }
    let [baseFrom, targetFrom] = [b.from, t.from];
    for (const anchor of [...anchors, { base: b.to, target: t.to }]) {
      open.push({ base: { from: baseFrom, to: anchor.base }, target: { from: targetFrom, to: anchor.target } });
      [baseFrom, targetFrom] = [anchor.base, anchor.target];
      if (anchor.base < b.to) {
        matches.push(anchor);
        [baseFrom, targetFrom] = [anchor.base + 1, anchor.target + 1];
      }
    }
  }
  return matches.sort((a, b) => a.base - b.base);
}

/** Lines that occur once in either piece, in the order of the base. */
function onceInBoth(base: readonly string[], b: Range, target: readonly string[], t: Range): Match[] {
  const placesIn = (lines: readonly string[], { from, to }: Range) => {
    const places = new Map<string, number>();
    for (let i = from; i < to; i++) places.set(lines[i] ?? '', places.has(lines[i] ?? '') ? -1 : i);
    return places;
  };
  const inTarget = placesIn(target, t);
  return [...placesIn(base, b)].flatMap(([line, at]) => {
    const other = inTarget.get(line) ?? -1;
    return at >= 0 && other >= 0 ? [{ base: at, target: other }] : [];
  });
}

/** The most of the matches that are in the order of both lists. */
function longestRun(matches: readonly Match[]): Match[] {
  const before = new Map<Match, Match | undefined>();
  /** The match that ends the best run of each length. */
  const ends: Match[] = [];
  for (const match of matches.toSorted((a, b) => a.base - b.base)) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.target ?? 0) < match.target) low = middle + 1;
      else high = middle;
    }
    before.set(match, ends[low - 1]);
    ends[low] = match;
  }
  const run: Match[] = [];
  for (let match = ends.at(-1); match; match = before.get(match)) run.push(match);
  return run.reverse();
}

function commonSubsequence(base: readonly string[], b: Range, target: readonly string[], t: Range): Match[] {
  const [height, width] = [b.to - b.from, t.to - t.from];
  if (height * width > MOST_PAIRS) return [];
  const size = width + 1;
  const longest = new Uint32Array((height + 1) * size);
  const at = (i: number, k: number) => longest[i * size + k] ?? 0;
  const isSame = (i: number, k: number) => base[b.from + i] === target[t.from + k];
  for (let i = height - 1; i >= 0; i--)
    for (let k = width - 1; k >= 0; k--)
      longest[i * size + k] = isSame(i, k) ? at(i + 1, k + 1) + 1 : Math.max(at(i + 1, k), at(i, k + 1));
  const matches: Match[] = [];
  for (let [i, k] = [0, 0]; i < height && k < width; ) {
    if (isSame(i, k)) matches.push({ base: b.from + i++, target: t.from + k++ });
    else if (at(i + 1, k) >= at(i, k + 1)) i += 1;
    else k += 1;
  }
  return matches;
}
