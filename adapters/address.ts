/** Where a source's name may lead. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
// biome-ignore lint/style/noRestrictedImports: addresses are compared by it; no socket is opened
import { BlockList, isIP } from 'node:net';

/** Link-local and metadata addresses: no lab is there, and a name that leads there attacks the machine Basalt runs on. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('100.100.100.200', 'ipv4');
FORBIDDEN.addAddress('0.0.0.0', 'ipv4');
FORBIDDEN.addAddress('::', 'ipv6');

const PRIVATE = new BlockList();
PRIVATE.addSubnet('127.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');
// Shared by the customers of a carrier or a mesh, for protocols, for tests between machines, and IPv4 by translation.
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4');
PRIVATE.addSubnet('192.0.0.0', 24, 'ipv4');
PRIVATE.addSubnet('198.18.0.0', 15, 'ipv4');
PRIVATE.addSubnet('64:ff9b::', 96, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const isIn = (list: BlockList, address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An address, and not a name. */
export const isAddress = (hostname: string): boolean => isIP(hostname) !== 0;

/** Of an address, that it is in a private network. */
export const isPrivate = (address: string): boolean => isIn(PRIVATE, address);

/** This machine, by its address or its name. */
export const isLoopback = (hostname: string): boolean =>
  isAddress(hostname) ? isIn(LOOPBACK, hostname) : /^(?:.*\.)?localhost\.?$/.test(hostname);

/** Thrown into a connection that is not to be made. */
export class ForbiddenAddress extends Error {
  override name = 'ForbiddenAddress';
  constructor(hostname: string, address: string) {
    super(`${hostname} leads to ${address}, which is no address of a lab`);
  }
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Looks up names for connections, refusing what is forbidden: at each connection, so that a name cannot change its mind.
 * An address written in the configuration itself is trusted to be private, never to be forbidden.
 * @throws ForbiddenAddress at once when `hostname` is a forbidden address itself.
 */
export function guardAddress(hostname: string, allowPrivate: boolean) {
  if (isIP(hostname) && isIn(FORBIDDEN, hostname)) throw new ForbiddenAddress(hostname, hostname);
  return (name: string, options: LookupOptions, callback: Callback): void => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const bad = addresses.find(
        ({ address }) => isIn(FORBIDDEN, address) || (!allowPrivate && isIn(PRIVATE, address)),
      );
      const [first] = addresses;
      if (bad || !first) callback(new ForbiddenAddress(name, bad?.address ?? 'nowhere'), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
