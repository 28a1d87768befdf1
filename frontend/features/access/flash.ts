/**
 * A secret that a form has made or was given, for the page that comes next: it is told once and must not stand in an
 * address, which browsers and proxies remember. It is gone after a minute.
 */
const NAME = 'basalt_made';
const SECONDS = 60;
export const FLASH_PATH = '/account';

export const flashCookie = (secret: string, path: string): string =>
  `${NAME}=${encodeURIComponent(secret)}; Path=${path}; Max-Age=${SECONDS}; HttpOnly; SameSite=Strict`;

const SHAPES = {
  token: /^basalt_pat_[0-9A-Za-z]+$/,
  whsec: /^whsec_[0-9A-Za-z+/]+=*$/,
  receiver: /^https?:\/\/[!-~]{1,2000}$/,
};

/** An access token, the key of a webhook, or the address of one that was refused. Null when there was none within the last minute. */
export function flashIn(
  cookies: { get(name: string): { value: string } | undefined },
  what: keyof typeof SHAPES,
): string | null {
  const value = cookies.get(NAME)?.value;
  return value && SHAPES[what].test(value) ? value : null;
}
