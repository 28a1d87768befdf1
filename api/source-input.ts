/** What people may say of a source, checked; problems in words, with the field. */
import { z } from 'zod';
import type { UserError } from './graphql/types.ts';

export const Url = z
  .url({ protocol: /^https?$/, error: 'Write the address of the master, for example https://lava.example.org/.' })
  .max(500, 'An address has at most 500 characters.')
  .transform((text, context) => {
    const url = new URL(text);
    if (url.username || url.password)
      context.addIssue({
        code: 'custom',
        message: 'Leave user and password out of the address: the token goes apart.',
      });
    url.hash = '';
    url.search = '';
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  });

/** As it is copied; a token of LAVA has letters and digits. */
export const Token = z
  .string()
  .trim()
  .max(500, 'A token has at most 500 characters.')
  .regex(/^[\x21-\x7e]*$/, 'A token has no spaces and no line breaks: copy it again.');

const Budget = z.object({
  concurrent: z.int().min(1, 'At least 1 request at a time.').max(32, 'At most 32 requests at a time.').nullish(),
  perMinute: z.int().min(6, 'At least 6 requests a minute.').max(6000, 'At most 6000 requests a minute.').nullish(),
});

const changeable = {
  name: z.string().trim().min(1, 'Write a name.').max(100, 'A name has at most 100 characters.').nullish(),
  token: Token.nullish(),
  visibility: z.enum(['PUBLIC', 'INTERNAL', 'RESTRICTED']).nullish(),
  teams: z.array(z.string().trim().min(1, 'Name a team.').max(100)).max(50).nullish(),
  budget: Budget.nullish(),
};

const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Use lower-case letters, digits and "-", beginning with a letter or digit.')
  .refine((slug) => slug !== 'new', '"new" is an address of its own: take another name.');

export const AddInput = z.object({ slug: Slug, url: Url, ...changeable });
export const UpdateInput = z.object({ slug: z.string(), ...changeable });

export type Checked<T> = { ok: true; value: T } | { ok: false; userErrors: UserError[] };

export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const userErrors = parsed.error.issues.map(({ path, message }) => ({
    code: 'INVALID' as const,
    message,
    field: path.map(String).join('.') || null,
  }));
  return { ok: false, userErrors };
}
