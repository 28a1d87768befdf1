export type SourceErrorCode =
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  /** It does not know who asks. */
  | 'UNAUTHORIZED'
  /** It knows who asks, and does not give this to them. */
  | 'FORBIDDEN'
  | 'UNSUPPORTED'
  | 'BAD_PAYLOAD';

/** What to do about it is a different thing for each. */
export type SourceErrorReason =
  | 'NAME_UNKNOWN'
  | 'REFUSED'
  | 'NO_ANSWER'
  | 'CERTIFICATE'
  | 'BROKEN'
  | 'FORBIDDEN_ADDRESS'
  | 'OTHER_HOST'
  | 'LOGIN'
  | 'TOKEN'
  | 'PROXY'
  | 'RIGHTS'
  /** Something answers, and it is no master, or not one at this address. */
  | 'NOT_A_MASTER';

const RETRYABLE: ReadonlySet<SourceErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'RATE_LIMITED', 'SERVER_ERROR']);

export type SourceErrorOptions = ErrorOptions & {
  retryAfterMs?: number | null;
  reason?: SourceErrorReason;
  elsewhere?: string;
};

/** The source is ill or refuses. The message names the source, the place and the remedy. */
export class SourceError extends Error {
  readonly code: SourceErrorCode;
  readonly source: string;
  readonly retryable: boolean;
  /** How long the source asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | null;
  readonly reason: SourceErrorReason | null;
  /** Where it sends to instead. */
  readonly elsewhere: string | null;

  constructor(code: SourceErrorCode, source: string, message: string, options?: SourceErrorOptions) {
    super(`${source}: ${message}`, options);
    this.name = 'SourceError';
    this.code = code;
    this.source = source;
    this.retryable = RETRYABLE.has(code);
    this.retryAfterMs = options?.retryAfterMs ?? null;
    this.reason = options?.reason ?? null;
    this.elsewhere = options?.elsewhere ?? null;
  }
}
