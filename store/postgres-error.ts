/** What PostgreSQL and its driver say when something fails, sorted by what can be done. */
import { InvalidInput } from './error.ts';

/** What a server says that is not ready for Basalt, and what to do. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'check user and password',
  '28000': 'check the user, and that pg_hba.conf lets it in from this machine',
  '3D000': "make it: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
  '42501': 'the user must own the database',
  '42704': 'PostgreSQL 15 or newer is needed',
  '0A000': 'the server needs the extension pg_trgm',
  '58P01': 'the server needs the extension pg_trgm',
};

/** As InvalidInput with the remedy, where an operator has one; else as it is. */
export function refused(name: string, cause: unknown): unknown {
  for (let e = cause; e instanceof Error; e = e.cause) {
    const remedy = 'code' in e ? REFUSALS[String(e.code)] : undefined;
    if (remedy) return new InvalidInput(`${name}: ${e.message}; ${remedy}`, { cause });
  }
  return cause;
}

/** Serialization failure, deadlock, two that create the same partition, and two that insert the same row. */
const COLLISIONS = ['40001', '40P01', '42P07', '23P01', '23505'];

export function isCollision(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && COLLISIONS.includes(String(cause.code));
}

/**
 * Codes of PostgreSQL for "no connection" (08), "shutting down" and "starting" (57P), "too many connections" (53300), and
 * for a transaction that stood still for too long (25P03).
 */
const OUTAGE_STATES = /^(08...|57P0[1-5]|53300|25P03)$/;
const OUTAGE_ERRORS = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH'];

export function isOutage(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  if (OUTAGE_ERRORS.includes(code) || OUTAGE_STATES.test(code)) return true;
  // The driver has no code for these.
  if (
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/.test(
      cause.message,
    )
  )
    return true;
  return cause instanceof AggregateError && cause.errors.some(isOutage);
}
