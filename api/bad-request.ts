/** The request itself is none that can be read. */
export class BadRequest extends Error {
  override name = 'BadRequest';
  readonly statusCode = 400;
}
