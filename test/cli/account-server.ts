/** A server with one account, an admin's. */
import { type Server, startServer } from '../api/server.ts';

const PASSWORD = 'correct horse battery staple';
/** Login and password, as they are typed. */
export const TYPED = `root\n${PASSWORD}\n`;

export async function accountServer(sources: readonly string[]): Promise<Server> {
  const access = [{ login: 'setup', token: 'setup-token', teams: [], role: 'admin' as const, isSetup: true }];
  const server = await startServer({ sources, access });
  const post = (path: string, fields: Record<string, string>, cookie: string) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: server.url, cookie },
      body: new URLSearchParams(fields),
    });
  const signedIn = await post('/sign-in', { token: 'setup-token' }, '');
  await post('/setup', { login: 'root', password: PASSWORD }, signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '');
  return server;
}
