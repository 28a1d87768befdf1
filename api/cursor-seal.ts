/**
 * Cursors hold numbers of rows, and how far these lie apart would tell how many jobs there are that a viewer does not see.
 * So they leave sealed (AES-CTR under a synthetic IV, as in RFC 5297), the same cursor always as the same text.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { defaultFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { keepState, readState } from '#store/state.ts';
import type { Store } from '#store/store.ts';
import type { Context } from './context.ts';
import type { SourceDesk } from './source-desk.ts';

export type CursorSeal = {
  seal(cursor: string): string;
  /** Empty, which is no cursor of any list, unless it was sealed with this key. */
  open(sealed: string): string;
};

/** Of what the store remembers. */
export const CURSOR_KEY = 'cursor-key';
const KEY = 32;
const IV = 16;
/** The length tells nothing of how large a number is. */
const BLOCK = 32;

/** With the key that all who serve the store share; made when it is first served. */
export async function openCursorSeal(store: Store, desk: SourceDesk | null): Promise<CursorSeal> {
  const known = await readState<string>(store.sql, CURSOR_KEY);
  const made = randomBytes(2 * KEY).toString('base64');
  return createCursorSeal(known ?? (desk ? await keepState(await desk.open(), CURSOR_KEY, made) : made));
}

function createCursorSeal(text: string): CursorSeal {
  const bytes = Buffer.from(text, 'base64');
  const [toSign, toCipher] = [bytes.subarray(0, KEY), bytes.subarray(KEY)];
  const ivOf = (plain: Buffer) => createHmac('sha256', toSign).update(plain).digest().subarray(0, IV);
  return {
    seal(cursor) {
      const length = Buffer.byteLength(cursor);
      const plain = Buffer.alloc(Math.ceil(length / BLOCK) * BLOCK, ' ');
      plain.write(cursor);
      const iv = ivOf(plain);
      const cipher = createCipheriv('aes-256-ctr', toCipher, iv);
      return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64url');
    },
    open(sealed) {
      const given = Buffer.from(sealed, 'base64url');
      if (given.length <= IV) return '';
      const iv = given.subarray(0, IV);
      const cipher = createDecipheriv('aes-256-ctr', toCipher, iv);
      const plain = Buffer.concat([cipher.update(given.subarray(IV)), cipher.final()]);
      return timingSafeEqual(ivOf(plain), iv) ? plain.toString() : '';
    },
  };
}

const isCursor = (type: string, field: string) =>
  type === 'PageInfo' ? field === 'startCursor' || field === 'endCursor' : type.endsWith('Edge') && field === 'cursor';

const opened = (args: Readonly<Record<string, unknown>>, { cursors }: Context) =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      (name === 'after' || name === 'before') && typeof value === 'string' ? cursors.open(value) : value,
    ]),
  );

/** Every field of the schema that gives a cursor seals it, and every one that takes one opens it. */
export function sealCursors(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve ?? defaultFieldResolver;
      if (isCursor(type.name, field.name))
        field.resolve = (row, args, context: Context, info) => {
          const cursor: unknown = resolve(row, args, context, info);
          return typeof cursor === 'string' ? context.cursors.seal(cursor) : cursor;
        };
      else if (field.args.some(({ name }) => name === 'after'))
        field.resolve = (row, args, context: Context, info) => resolve(row, opened(args, context), context, info);
    }
  }
}
