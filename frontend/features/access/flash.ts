/**
 * A token that a form has made, for the page that comes next: it is told once and must not stand in an address, which
 * browsers and proxies remember. It is gone after a minute.
 */
const NAME = 'basalt_made';
const SECONDS = 60;
export const FLASH_PATH = '/account';

export const flashCookie = (secret: string, path: string): string =>
  `${NAME}=${secret}; Path=${path}; Max-Age=${SECONDS}; HttpOnly; SameSite=Strict`;

/** Null when none was made within the last minute. */
export function flashIn(cookies: { get(name: string): { value: string } | undefined }): string | null {
  const value = cookies.get(NAME)?.value;
  return value && /^basalt_pat_[0-9A-Za-z]+$/.test(value) ? value : null;
}
