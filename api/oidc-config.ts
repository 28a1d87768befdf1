/** The `access.oidc` part of basalt.yaml: who else vouches for accounts, and what its groups may do here. */
import { z } from 'zod';
import { ROLES, type Role } from '#schema/viewer.ts';
import { SecretConfig } from './secret-config.ts';

const Team = z.string().regex(/^[\w.-]{1,64}$/, 'a team is named by 1 to 64 letters, digits, "_", "." and "-"');
const Grant = z
  .strictObject({ team: Team.optional(), role: z.enum(ROLES, `use ${ROLES.join(', ')}`).optional() })
  .transform(({ team, role }, { addIssue }): { team: string; role: Role } | { role: Role } => {
    if (team === undefined && role !== undefined) return { role };
    if (team !== undefined && (role === undefined || role === 'viewer' || role === 'source-admin'))
      return { team, role: role ?? 'viewer' };
    addIssue(
      team === undefined
        ? 'say what the group may: { team: NAME }, { team: NAME, role: source-admin } or { role: NAME }, or a list of them'
        : 'in a team one is viewer or source-admin; triage and admin are roles of everything: leave the team out',
    );
    return z.NEVER;
  });
/** What a group may: in a team, or everywhere. */
export type Grant = z.infer<typeof Grant>;

export const OidcConfig = z
  .strictObject({
    /** As the provider calls itself: its tokens have to say the same, letter by letter. */
    issuer: z.url({ protocol: /^https?$/, error: 'write the address of the provider: https://login.example/' }),
    clientId: z.string().min(1),
    clientSecret: SecretConfig,
    /** What people call it: "Sign in with NAME". */
    name: z.string().trim().min(1).max(60),
    /** PEM file of the authority that its certificate is from, if it is your own. */
    ca: z.string().min(1).optional(),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope has no spaces'))
      .refine((scopes) => scopes.includes('openid'), 'openid is always one of them')
      .default(['openid', 'profile', 'email']),
    groupsClaim: z.string().min(1).default('groups'),
    groups: z
      .record(
        z.string().min(1),
        z.preprocess((given) => [given].flat(), z.array(Grant).min(1)),
      )
      .default({}),
    /** Whether who is in none of the groups signs in, too, as a viewer. */
    everybody: z.boolean().default(false),
    refreshMinutes: z.number().min(1, 'use 1 to 60').max(60, 'use 1 to 60').default(5),
    graceMinutes: z.number().min(0, 'use 0 to 1440').max(1440, 'use 0 to 1440').default(60),
  })
  .refine(({ groups, everybody }) => everybody || Object.keys(groups).length > 0, {
    path: ['groups'],
    error: 'nobody could sign in: name groups, or write everybody: true',
  });

export type OidcConfig = z.infer<typeof OidcConfig>;

/** With its secret and authority read. */
export type OidcSettings = Omit<OidcConfig, 'clientSecret' | 'ca'> & {
  clientSecret: string;
  caPem: string | null;
};
