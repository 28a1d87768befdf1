/** Asks a source that nobody reads yet, once and soon: what it is, or what is wrong and what to do. */
import type { Trial, TrialProblem } from '#schema/trial.ts';
import { SourceError, type SourceErrorReason } from './error.ts';
import { addressOfMaster } from './lava/address-of-master.ts';
import { openAdapter } from './registry.ts';

/** `url` is of http or https, without credentials. */
export type Tried = { url: string; token: string | null; caPem: string | null; version: string };

const SLUG = 'the master';
/** A trial is gentle, and nobody waits for long. */
const BUDGET = { concurrent: 1, perMinute: 60 };
const LONGEST_MS = 45_000;

const PROBLEMS: Record<SourceErrorReason, TrialProblem> = {
  NAME_UNKNOWN: 'UNKNOWN_NAME',
  REFUSED: 'REFUSED',
  NO_ANSWER: 'NO_ANSWER',
  CERTIFICATE: 'CERTIFICATE',
  BROKEN: 'MASTER_FAILED',
  FORBIDDEN_ADDRESS: 'FORBIDDEN_ADDRESS',
  OTHER_HOST: 'OTHER_ADDRESS',
  LOGIN: 'LOGIN_WALL',
  TOKEN: 'WRONG_TOKEN',
  PROXY: 'KEPT_OUT',
  RIGHTS: 'TOKEN_WITHOUT_RIGHTS',
  NOT_A_MASTER: 'NOT_A_MASTER',
};

export async function trySource(tried: Tried, signal: AbortSignal): Promise<Trial> {
  const given = new URL(tried.url);
  const url = addressOfMaster(tried.url);
  if (url !== `${given.origin}${given.pathname.replace(/\/?$/, '/')}`) {
    const message = `${given.pathname.replace(/\/$/, '')} is a page or an interface of the master, not its address, which is ${url}.`;
    return { ok: false, problem: 'WRONG_PATH', message, proposedUrl: url };
  }
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  const trial = await ask({ ...tried, url }, limited);
  const root = `${given.origin}/`;
  if (trial.ok || trial.problem !== 'NOT_A_MASTER' || url === root) return trial;
  const atRoot = await ask({ ...tried, url: root }, limited);
  if (!atRoot.ok && !['WRONG_TOKEN', 'TOKEN_WITHOUT_RIGHTS'].includes(atRoot.problem)) return trial;
  const message = `There is no master at ${url}, but there is one at ${root}.`;
  return { ok: false, problem: 'WRONG_PATH', message, proposedUrl: root };
}

async function ask({ url, token, caPem, version }: Tried, signal: AbortSignal): Promise<Trial> {
  const shared = {
    kind: 'lava',
    slug: SLUG,
    budget: BUDGET,
    zmq: null,
    settleSeconds: 0,
    history: 'newest',
    historySince: null,
    isUrgent: true,
  } as const;
  try {
    const { adapter, close } = openAdapter({ ...shared, url, token, caPem, version });
    try {
      const probe = await adapter.probe({ now: () => Date.now() * 1000, signal });
      const { p95Ms: slowestMs, requests } = adapter.usage();
      return { ok: true, probe, slowestMs, requests };
    } finally {
      await close();
    }
  } catch (cause) {
    if (signal.aborted) return failed('NO_ANSWER', url, token, `no answer within ${LONGEST_MS / 1000} s`, null);
    if (!(cause instanceof SourceError)) throw cause;
    const problem = cause.reason === null ? 'MASTER_FAILED' : PROBLEMS[cause.reason];
    const detail = cause.message.slice(SLUG.length + 2);
    return failed(problem, url, token, detail, cause.elsewhere);
  }
}

function failed(
  problem: TrialProblem,
  url: string,
  token: string | null,
  detail: string,
  elsewhere: string | null,
): Trial {
  const { host, hostname, protocol } = new URL(url);
  const other = elsewhere === null ? null : addressOfMaster(elsewhere);
  const words: Record<TrialProblem, string> = {
    WRONG_PATH: detail,
    NOT_A_MASTER: `What answers at ${url} is no LAVA master of 2020 or later: it ${detail}. Enter the address at which the master's start page opens.`,
    WRONG_TOKEN:
      'The master does not know this token. Make a new one there (API, Authentication tokens) and copy it whole.',
    TOKEN_WITHOUT_RIGHTS: `The token is known, but its user may not read what is needed: ${detail}.`,
    LOGIN_WALL:
      token === null
        ? `${host} answers with a login page. Give a token of a user who may read; if it stays so, a proxy before the master wants a login of its own, and has to let /api/v0.2/ through.`
        : `${host} answers with a login page although a token was sent: make a new token there, and if it stays so, ask the master's admin to let /api/v0.2/ through the proxy that wants a login of its own.`,
    KEPT_OUT: `A proxy before ${host} keeps Basalt out: it ${detail}.`,
    OTHER_ADDRESS: `${host} sends to another address, ${other}. Basalt does not follow, because the token would go there: enter that address if it is the master.`,
    UNKNOWN_NAME: `No machine is known as ${hostname}: check the spelling, and whether the machine Basalt runs on knows the name.`,
    REFUSED: `${host} refuses the connection: does the master run, and is the port right?`,
    NO_ANSWER: `${host} does not answer (${detail}): is the master up, and does a firewall let Basalt through?`,
    CERTIFICATE:
      protocol === 'https:'
        ? `The connection to ${host} is not trusted: ${detail}. An authority of your own is named by "ca" in basalt.yaml; if the master speaks no TLS, write http://.`
        : detail,
    FORBIDDEN_ADDRESS: `${host} is no address of a lab.`,
    MASTER_FAILED: `The master could not be read: it ${detail}.`,
  };
  const proposedUrl = problem === 'OTHER_ADDRESS' ? other : null;
  return { ok: false, problem, message: words[problem], proposedUrl };
}
