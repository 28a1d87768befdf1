import { ForbiddenAddress, guardAddress } from './address.ts';
import { SourceError } from './error.ts';

export type Place = { slug: string; url: string; caPem: string | null; allowPrivate?: boolean };

/**
 * How every connection to a source is made: names that lead astray are refused, its own authority is trusted.
 * @throws SourceError when the address is no address of a lab.
 */
export function connectOptions({ slug, url, caPem, allowPrivate = true }: Place) {
  const { host, hostname } = new URL(url);
  try {
    const lookup = guardAddress(hostname.replace(/^\[|\]$/g, ''), allowPrivate);
    return { timeout: 10_000, lookup, ...(caPem ? { ca: caPem } : {}) };
  } catch (cause) {
    if (!(cause instanceof ForbiddenAddress)) throw cause;
    const message = `${host} is no address of a lab: check the address of the source`;
    throw new SourceError('UNSUPPORTED', slug, message, { cause, reason: 'FORBIDDEN_ADDRESS' });
  }
}
