/** The `access.oidc` part of basalt.yaml: who else vouches for accounts, and what its groups may do here. */
import { z } from 'zod';
import { ROLES } from '#schema/viewer.ts';
import { SecretConfig } from './secret-config.ts';

const team = z.string().regex(/^[\w.-]{1,64}$/, 'a team is named by 1 to 64 letters, digits, "_", "." and "-"');
const Grant = z.union(
  [
    z.strictObject({ team, role: z.enum(['viewer', 'source-admin']).default('viewer') }),
    z.strictObject({ role: z.enum(ROLES) }),
  ],
  {
    error: `write { team: NAME }, { team: NAME, role: source-admin } or { role: ${ROLES.join(' | ')} }, or a list of them`,
  },
);
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
        z.union([Grant, z.array(Grant).min(1)]).transform((one) => [one].flat()),
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
