/** Instants are microseconds inside and RFC 3339 outside; decimals are text on both sides. */
import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** Neighbours in a list are often of the same second, and Date is slow. */
let last = { seconds: 0, text: '1970-01-01T00:00:00' };

export function toInstant(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  if (seconds !== last.seconds) last = { seconds, text: new Date(seconds * 1000).toISOString().slice(0, 19) };
  const fraction = micros - seconds * 1_000_000;
  if (fraction === 0) return `${last.text}Z`;
  return `${last.text}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}Z`;
}

export function fromInstant(text: unknown): number {
  const match = typeof text === 'string' ? INSTANT.exec(text) : null;
  const seconds = match ? Date.parse(`${match[1]}T${match[2]}${match[4]?.toUpperCase()}`) : Number.NaN;
  // JavaScript takes 30 February for 2 March.
  const isDay =
    Number.isFinite(seconds) && new Date(`${match?.[1]}T00:00:00Z`).toISOString().startsWith(`${match?.[1]}`);
  if (!match || !isDay) {
    throw new GraphQLError(
      `${JSON.stringify(text)} is no instant: write RFC 3339 with a zone, for example "2026-06-01T12:00:00Z".`,
    );
  }
  return seconds * 1000 + Number((match[3] ?? '').slice(0, 6).padEnd(6, '0'));
}

const describe = (value: unknown) => new GraphQLError(`${JSON.stringify(value)} cannot be shown`);

export const scalars = {
  DateTime: new GraphQLScalarType<number, string>({
    name: 'DateTime',
    serialize: (value) => {
      if (typeof value !== 'number') throw describe(value);
      return toInstant(value);
    },
    parseValue: fromInstant,
    parseLiteral: (node) => fromInstant(node.kind === Kind.STRING ? node.value : null),
  }),
  Decimal: new GraphQLScalarType<string, string>({ name: 'Decimal', serialize: String, parseValue: String }),
  URL: new GraphQLScalarType<string, string>({ name: 'URL', serialize: String, parseValue: String }),
  JSON: new GraphQLScalarType<unknown, unknown>({
    name: 'JSON',
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  }),
};
