/** Names that people sign in by: lower-case, so that no two look alike. */
const LOGIN = /^[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?$/;

export const LOGIN_SHAPE =
  'lower-case letters, digits and . _ @ + -, 1 to 64 of them, beginning and ending with a letter or digit';

export const isLogin = (text: string): boolean => LOGIN.test(text);
