import type { Role, Scope } from '@/graphql/graphql.ts';

type Membership = { team: string; role: Role };

export const ROLES = ['VIEWER', 'TRIAGE', 'SOURCE_ADMIN', 'ADMIN'] as const satisfies Role[];

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  VIEWER: 'looks',
  TRIAGE: 'triages',
  SOURCE_ADMIN: 'looks after labs',
  ADMIN: 'admin',
};

export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  READ: 'read',
  WRITE_TRIAGE: 'triage',
  WRITE_SOURCES: 'change labs',
  WRITE_ACCESS: 'change accounts',
};

/** "kernel, storage:source-admin" and back: how teams are written in one line. */
export function teamsText(teams: readonly Membership[]): string {
  return teams.map(({ team, role }) => (role === 'VIEWER' ? team : `${team}:${WORDS[role]}`)).join(', ');
}

const WORDS: Readonly<Record<Role, string>> = {
  VIEWER: 'viewer',
  TRIAGE: 'triage',
  SOURCE_ADMIN: 'source-admin',
  ADMIN: 'admin',
};

/** What cannot be read becomes an admin of the team, which the API refuses with words. */
export function teamsIn(text: string): Membership[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [team = '', word = 'viewer'] = part.split(':').map((piece) => piece.trim());
      return { team, role: ROLES.find((role) => WORDS[role] === word) ?? 'ADMIN' };
    });
}
