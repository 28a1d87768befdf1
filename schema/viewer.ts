/** Each may do what those before it may: look, judge results, change sources and see everything. */
export const ROLES = ['viewer', 'triage', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Who asks. The first thing every query of the store is told; there is no default.
 * `everything` is for the operator's own commands (audit, doctor), never for a request.
 */
export type Viewer =
  | { kind: 'anonymous' }
  | { kind: 'person'; login: string; teams: string[]; role: Role }
  | { kind: 'everything' };

export const ANONYMOUS: Viewer = { kind: 'anonymous' };
