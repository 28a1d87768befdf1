/**
 * Who asks. The first thing every query of the store is told; there is no default.
 * `everything` is for the operator's own commands (audit, doctor), never for a request.
 */
export type Viewer =
  | { kind: 'anonymous' }
  | { kind: 'person'; login: string; teams: string[]; role: 'viewer' | 'admin' }
  | { kind: 'everything' };

export const ANONYMOUS: Viewer = { kind: 'anonymous' };
