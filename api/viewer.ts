/** Who asks, from `Authorization: Bearer <token>`. Without one: a visitor. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ANONYMOUS, type Role, type Viewer } from '#schema/viewer.ts';

export type AccessToken = { login: string; token: string; teams: string[]; role: Role };

/** The token is none of this Basalt's. */
export class UnknownToken extends Error {
  override name = 'UnknownToken';
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Compares with every token, so that time tells nothing. @throws UnknownToken */
export function createViewerOf(access: readonly AccessToken[]): (authorization: string | undefined) => Viewer {
  const known = access.map(({ token, ...who }) => ({ who, hash: hash(token) }));
  return (authorization) => {
    if (authorization === undefined || authorization === '') return ANONYMOUS;
    const given = /^Bearer (\S+)$/i.exec(authorization);
    if (!given?.[1]) throw new UnknownToken('Send "Authorization: Bearer <token>", or no Authorization at all.');
    const asked = hash(given[1]);
    let found: Viewer | null = null;
    for (const { who, hash: mine } of known) if (timingSafeEqual(mine, asked)) found = { kind: 'person', ...who };
    if (!found) throw new UnknownToken('The token is not known here: ask the admin of this Basalt for one.');
    return found;
  };
}
