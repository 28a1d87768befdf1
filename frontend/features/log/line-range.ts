/** Lines a link names: #L120 or #L120-L140. */
export type LineRange = { from: number; to: number };

export function parseRange(hash: string): LineRange | null {
  const match = /^#L(\d+)(?:-L?(\d+))?$/.exec(hash);
  if (!match) return null;
  const [a, b] = [Number(match[1]), Number(match[2] ?? match[1])];
  return { from: Math.min(a, b), to: Math.max(a, b) };
}

export function formatRange({ from, to }: LineRange): string {
  return from === to ? `#L${from}` : `#L${from}-L${to}`;
}

/** Lines are read in blocks of this many; the server draws two of them. */
export const BLOCK = 250;

/** Where the server's window starts, so that the line lies well inside of it. */
export function windowStart(line: number): number {
  return Math.max(0, Math.floor((line - BLOCK / 2) / BLOCK) * BLOCK);
}
