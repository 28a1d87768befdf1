/** Pages and interfaces of a master, whose addresses are pasted where the master's own is asked for. */
const PLACES = /\/(api|RPC2|scheduler|results|accounts|admin|static|ws|help|lava-server\/(?:api|RPC2))(?:\/.*|$)/;

/** The address of the master that a page or an interface belongs to; one that is none of these stays as it is. */
export function addressOfMaster(url: string): string {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(PLACES, '/');
  return `${origin}${path.endsWith('/') ? path : `${path}/`}`;
}
