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

const RETRYABLE: ReadonlySet<SourceErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'RATE_LIMITED', 'SERVER_ERROR']);

/** The source is ill or refuses. The message names the source, the place and the remedy. */
export class SourceError extends Error {
  readonly code: SourceErrorCode;
  readonly source: string;
  readonly retryable: boolean;
  /** How long the source asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    code: SourceErrorCode,
    source: string,
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number | null },
  ) {
    super(`${source}: ${message}`, options);
    this.name = 'SourceError';
    this.code = code;
    this.source = source;
    this.retryable = RETRYABLE.has(code);
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }
}
