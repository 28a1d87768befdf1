/** Names that people sign in by: lower-case, so that no two look alike. */
const LOGIN = /^[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?$/;
const LONGEST = 64;
/** Of a number that tells two apart. */
const ROOM = 4;

export const LOGIN_SHAPE =
  'lower-case letters, digits and . _ @ + -, 1 to 64 of them, beginning and ending with a letter or digit';

export const isLogin = (text: string): boolean => LOGIN.test(text);

/**
 * Logins for somebody who is called `name` at a provider, the best first: as he is called there, then with the host of
 * the provider, then numbered. Which of them are taken only the store knows.
 */
export function* loginsFor(name: string, host: string): Generator<string> {
  const at = clean(host).slice(0, LONGEST / 2);
  const plain =
    clean(name)
      .slice(0, LONGEST - at.length - 1 - ROOM)
      .replace(/[^a-z0-9]+$/, '') || 'user';
  yield plain;
  yield `${plain}@${at}`;
  for (let i = 2; i < 10 ** (ROOM - 1); i++) yield `${plain}-${i}@${at}`;
}

function clean(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}
