/** A change that somebody asks for: done, or a list of reasons why not. */
import { Conflict, Forbidden, NotFound } from '#store/error.ts';
import type { Store } from '#store/store.ts';
import { NoKey } from '#store/vault.ts';
import type { Context } from './context.ts';
import type { UserError } from './graphql/types.ts';
import type { SourceDesk } from './source-desk.ts';

export type Change = { desk: SourceDesk; store: Store; at: number };
export type Refusal = UserError[];
/** What of a request a change is made by. */
export type Asking = Pick<Context, 'viewer' | 'desk' | 'now'>;

/** What the viewer may do by its role; for everybody else, and where it cannot be done, why not. */
export async function attempt<T>(
  context: Asking,
  /** @throws Forbidden */
  mayDo: (viewer: Context['viewer']) => unknown,
  work: (change: Change) => Promise<T | Refusal>,
  /** Field of the input that a conflict, or what is not there, is about. */
  field: string,
): Promise<{ done: T | null; userErrors: Refusal }> {
  try {
    mayDo(context.viewer);
    if (!context.desk) return refuse('CONFLICT', 'Nothing can be changed here.');
    const done = await work({ desk: context.desk, store: await context.desk.open(), at: context.now() });
    return Array.isArray(done) ? { done: null, userErrors: done } : { done, userErrors: [] };
  } catch (cause) {
    if (cause instanceof Forbidden) {
      return context.viewer.kind === 'anonymous'
        ? refuse('UNAUTHORIZED', 'Sign in first.')
        : refuse('FORBIDDEN', cause.message);
    }
    if (cause instanceof NotFound) return refuse('NOT_FOUND', cause.message, field);
    if (cause instanceof Conflict) return refuse('CONFLICT', cause.message, field);
    if (cause instanceof NoKey) return refuse('NO_SECRET_KEY', cause.message, 'token');
    throw cause;
  }
}

export const errorOf = (code: UserError['code'], message: string, field: string | null = null): UserError => ({
  code,
  message,
  field,
});

const refuse = (...error: Parameters<typeof errorOf>) => ({ done: null, userErrors: [errorOf(...error)] });
