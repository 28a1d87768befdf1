import type { Micros } from '#schema/records.ts';

const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;

/** LAVA's ISO 8601 with up to six decimals, exactly; without a zone it is UTC. Null when it is no instant. */
export function toMicros(text: string): Micros | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const seconds = Date.parse(`${match[1]}${match[3] ?? 'Z'}`);
  if (!Number.isFinite(seconds)) return null;
  return seconds * 1000 + Number((match[2] ?? '').slice(0, 6).padEnd(6, '0'));
}

/** As the master takes it in a filter. */
export function fromMicros(micros: Micros): string {
  const seconds = Math.floor(micros / 1_000_000);
  const rest = String(micros - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}
