/** `POST /sign-in`, `/sign-out` and `/setup`: forms that need no JavaScript. The pages draw them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addFirstAdmin, passwordOf } from '#store/account.ts';
import { recordEvent } from '#store/audit-event.ts';
import { Conflict } from '#store/error.ts';
import { endSession, startSession } from '#store/session.ts';
import type { Store } from '#store/store.ts';
import { forget, keep } from './cookie.ts';
import { addForms, formOf, pathOf } from './form.ts';
import { isLogin } from './login.ts';
import { onwardPage } from './onward-page.ts';
import { hashPassword, isPassword, LONGEST_PASSWORD, passwordProblem } from './password.ts';
import { createSecret } from './secret.ts';
import { addSignInElsewhere, type Elsewhere, type Start, signOutElsewhere } from './sign-in-elsewhere.ts';
import type { SourceDesk } from './source-desk.ts';
import { createTries } from './tries.ts';
import { UnknownToken, type ViewerOf } from './viewer.ts';
import { sealHeld } from './vouching.ts';

/** Bytes of a form: fields of the longest, each character written as three. */
const LONGEST = 8192;
const LONGEST_AGENT = 200;
export const SESSION_SECONDS = 30 * 86_400;

type Options = {
  store: Store;
  desk: SourceDesk | null;
  viewerOf: ViewerOf;
  now: () => number;
  /** By whom else one signs in. */
  elsewhere: Elsewhere | null;
};

export async function addSignIn(app: FastifyInstance, options: Options): Promise<void> {
  const { store, desk, viewerOf, now, elsewhere } = options;
  const tries = createTries();

  /** Signs the browser in, with a session that nobody has seen before. */
  const start = async (
    request: FastifyRequest,
    reply: FastifyReply,
    account: { id: number; login: string },
    by: Parameters<Start>[3] | null = null,
  ) => {
    if (!desk) throw new Conflict('Nobody can sign in here.');
    const { secret, hash } = createSecret('session');
    const agent = request.headers['user-agent']?.slice(0, LONGEST_AGENT) ?? null;
    const expiresAt = now() + SESSION_SECONDS * 1e6;
    const vouched = by && { issuer: by.issuer, sealed: sealHeld(desk.vault, by.issuer, hash, by.told.held) };
    const session = { hash, accountId: account.id, login: account.login, agent, expiresAt };
    await startSession(await desk.open(), { ...session, ...(vouched ? { vouched } : {}) }, now());
    await endShown(request);
    if (by?.before) await endSession(await desk.open(), Buffer.from(by.before, 'hex'));
    keep(reply, secret, SESSION_SECONDS);
  };
  const endShown = async ({ viewer }: FastifyRequest) => {
    if (viewer.kind !== 'person' || viewer.credential?.kind !== 'session' || !desk) return;
    await endSession(await desk.open(), Buffer.from(viewer.credential.id, 'hex'));
  };
  const refused = async (request: FastifyRequest, login: string) => {
    if (!tries.failed(request.ip, login) || !desk) return;
    const { sql, transaction } = await desk.open();
    const event = { at: now(), actor: login || 'a visitor', target: request.ip, before: null, after: null };
    await transaction(() => recordEvent(sql, { ...event, action: 'session.refused' }));
  };
  /** A token of the configuration, or the one for setting up. */
  const personOf = async (token: string) => {
    try {
      const viewer = /^\S+$/.test(token) ? await viewerOf(`Bearer ${token}`) : null;
      return viewer?.kind === 'person' && !viewer.credential ? viewer : null;
    } catch (cause) {
      if (cause instanceof UnknownToken) return null;
      throw cause;
    }
  };

  if (elsewhere && desk) addSignInElsewhere(app, { elsewhere, desk, start, now });
  await addForms(app, { longest: LONGEST, refusal: 'Sign in on this page itself.' }, (scope) => {
    scope.post('/sign-in', async (request, reply) => {
      const form = formOf(request);
      const next = pathOf(form.get('next'));
      const [login, password, token] = ['login', 'password', 'token'].map((name) => form.get(name)?.trim() ?? '');
      const back = (why: string) =>
        reply.redirect(`/sign-in?${new URLSearchParams({ [why]: token ? 'token' : '1', next })}`, 303);
      if (tries.mustWait(request.ip, login ?? '')) return back('wait');
      if (token) {
        const person = await personOf(token);
        if (!person) {
          await refused(request, '');
          return back('wrong');
        }
        keep(reply, token, SESSION_SECONDS);
        return reply.redirect(person.isSetup ? `/setup?${new URLSearchParams({ next })}` : next, 303);
      }
      const account = await passwordOf(store, login ?? '');
      // Asked of the form itself: spaces at the ends are a part of a password.
      if (!(await isPassword(form.get('password') ?? '', account?.password ?? null)) || !account || !password) {
        await refused(request, login ?? '');
        return back('wrong');
      }
      await start(request, reply, { id: account.id, login: login ?? '' });
      return reply.redirect(next, 303);
    });

    scope.post('/sign-out', async (request, reply) => {
      const onward = elsewhere && desk && (await signOutElsewhere(request, elsewhere, desk));
      await endShown(request);
      forget(reply);
      if (!onward) return reply.redirect('/', 303);
      // The policy of our pages lets no form lead to another site, not even by a redirect.
      const words = `Of this Basalt. ${elsewhere.settings.name} is asked to sign you out as well.`;
      const page = onwardPage({
        title: 'Signed out',
        words,
        link: `Go on to ${elsewhere.settings.name}`,
        href: onward,
      });
      return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
    });

    scope.post('/setup', async (request, reply) => {
      const form = formOf(request);
      const next = pathOf(form.get('next'));
      const login = form.get('login')?.trim().toLowerCase() ?? '';
      const password = form.get('password') ?? '';
      const back = (why: string) => reply.redirect(`/setup?${new URLSearchParams({ problem: why, login, next })}`, 303);
      const { viewer } = request;
      if (viewer.kind !== 'person' || !viewer.isSetup || !desk)
        return reply.redirect(`/sign-in?${new URLSearchParams({ next: '/setup', token: '1' })}`, 303);
      if (!isLogin(login)) return back('login');
      if (password.length > LONGEST_PASSWORD || passwordProblem(password, login)) return back('password');
      try {
        const id = await addFirstAdmin(await desk.open(), { login, password: await hashPassword(password) }, now());
        await start(request, reply, { id, login });
        return reply.redirect(next, 303);
      } catch (cause) {
        if (!(cause instanceof Conflict)) throw cause;
        forget(reply);
        return reply.redirect('/sign-in?taken=1', 303);
      }
    });
  });
}
