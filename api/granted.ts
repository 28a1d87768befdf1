/** What the groups of a person at the provider make of him here. */
import { type Membership, ROLES, type Role } from '#schema/viewer.ts';
import type { OidcSettings } from './oidc-config.ts';

export type Granted = { role: Role; teams: Membership[] };

/** A claim of groups: names, or one name. What is none of these names no group. */
export function groupsIn(claim: unknown): string[] {
  return [claim].flat().filter((one) => typeof one === 'string');
}

const higher = <R extends Role>(a: R, b: R): R => (ROLES.indexOf(a) >= ROLES.indexOf(b) ? a : b);

/** The most that any of the groups gives; null: none of them may sign in. */
export function grantedBy(
  groups: readonly string[],
  { groups: known, everybody }: Pick<OidcSettings, 'groups' | 'everybody'>,
): Granted | null {
  const grants = Object.entries(known).flatMap(([group, given]) => (groups.includes(group) ? given : []));
  if (grants.length === 0 && !everybody) return null;
  const teams = new Map<string, Role>();
  let role: Role = 'viewer';
  for (const grant of grants) {
    if ('team' in grant) teams.set(grant.team, higher(grant.role, teams.get(grant.team) ?? 'viewer'));
    else role = higher(grant.role, role);
  }
  const names = [...teams].sort(([a], [b]) => (a < b ? -1 : 1));
  return { role, teams: names.map(([team, ofTeam]) => ({ team, role: ofTeam })) };
}
