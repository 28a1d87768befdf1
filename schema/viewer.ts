/** Each may do what those before it may: look, judge results, change sources, and everything else. */
export const ROLES = ['viewer', 'triage', 'source-admin', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What an access token may be limited to; what its owner may not do, it may not either. */
export const SCOPES = ['read', 'write:triage', 'write:sources', 'write:access'] as const;
export type Scope = (typeof SCOPES)[number];

/** A team, and what its members may do to the sources of the team; no less than they may everywhere. */
export type Membership = { team: string; role: Role };

/** By what somebody asks: `id` is the hash of it in hex. */
export type Credential = { kind: 'session' | 'token'; id: string };

export type Person = {
  kind: 'person';
  login: string;
  teams: string[];
  role: Role;
  /** Teams in which the role is a higher one. */
  teamRoles?: readonly Membership[];
  /** Of the token that was shown; whatever the roles allow where there is none. */
  scopes?: readonly Scope[];
  /** Slugs that the token is for; all where there are none. */
  sources?: readonly string[];
  /** Absent of tokens of the configuration. */
  accountId?: number;
  /** Of whoever sets Basalt up, while it has no admin. */
  isSetup?: boolean;
  credential?: Credential;
  /** The account is kept elsewhere, where it is asked after again and again. */
  isVouched?: boolean;
};

/**
 * Who asks. The first thing every query of the store is told; there is no default.
 * `everything` is for the operator's own commands (audit, doctor), never for a request.
 */
export type Viewer = { kind: 'anonymous' } | Person | { kind: 'everything' };

export const ANONYMOUS: Viewer = { kind: 'anonymous' };
