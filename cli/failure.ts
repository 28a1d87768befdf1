/** A command cannot do its work; the message says what, where and what to do, and the code is one of exit-code.ts. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
  readonly code: number;
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
