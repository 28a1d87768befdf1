/** What people may say of a source, checked; problems in words, with the field. */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { MegabytesPerHour, QuietHours, RetentionDays } from '#schema/source-settings.ts';
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

/** Optional parts that are given as null are not given. */
const withoutNulls = (value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null))
    : value;

/** Certificates of authorities, one after another. */
const Ca = z
  .string()
  .trim()
  .max(200_000, 'Authorities of 200,000 characters at most.')
  .refine(
    (pem) => pem === '' || isPem(pem),
    'This is no certificate in PEM: paste all of it, from "-----BEGIN CERTIFICATE-----" on.',
  );

function isPem(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).subject !== '');
  } catch {
    return false;
  }
}

const CallbackToken = Token.refine(
  (token) => token === '' || token.length >= 16,
  'A token of callbacks has at least 16 characters: whoever knows it may hasten reads.',
);

const Budget = z.object({
  concurrent: z.int().min(1, 'At least 1 request at a time.').max(32, 'At most 32 requests at a time.').nullish(),
  perMinute: z.int().min(6, 'At least 6 requests a minute.').max(6000, 'At most 6000 requests a minute.').nullish(),
  megabytesPerHour: MegabytesPerHour.nullish(),
  quietHours: z.preprocess(withoutNulls, QuietHours.nullish()),
});

const changeable = {
  name: z.string().trim().min(1, 'Write a name.').max(100, 'A name has at most 100 characters.').nullish(),
  token: Token.nullish(),
  visibility: z.enum(['PUBLIC', 'INTERNAL', 'RESTRICTED']).nullish(),
  teams: z.array(z.string().trim().min(1, 'Name a team.').max(100)).max(50).nullish(),
  budget: Budget.nullish(),
  ca: Ca.nullish(),
  callbackToken: CallbackToken.nullish(),
  retention: z.preprocess(withoutNulls, RetentionDays.nullish()),
  history: z
    .enum(['NEWEST', 'OLDEST'])
    .transform((order) => (order === 'OLDEST' ? 'oldest' : 'newest'))
    .nullish(),
};

const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Use lower-case letters, digits and "-", beginning with a letter or digit.')
  .refine((slug) => slug !== 'new', '"new" is an address of its own: take another name.');

export const AddInput = z.object({ slug: Slug, url: Url, ...changeable });
export const UpdateInput = z.object({ slug: z.string(), ...changeable });
export const TestInput = z.object({ url: Url, token: Token.nullish(), ca: Ca.nullish(), slug: z.string().nullish() });
/** What may be said of a source, by whoever adds or changes it. */
export type SourceInput = z.infer<typeof UpdateInput>;

/** What is shared with the configuration is written for its lines. */
const asSentence = (message: string) =>
  `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;

export type Checked<T> = { ok: true; value: T } | { ok: false; userErrors: UserError[] };

export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const userErrors = parsed.error.issues.map(({ path, message }) => ({
    code: 'INVALID' as const,
    message: asSentence(message),
    field: path.map(String).join('.') || null,
  }));
  return { ok: false, userErrors };
}
