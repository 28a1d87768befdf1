/** Sends mail by the operator's server. What is sent is text from here: no file and no address is ever read for it. */
import { createTransport } from 'nodemailer';
import { isLoopback } from './address.ts';
import type { Posted } from './webhook.ts';

export type Mail = {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** "msg_...", the same at every try. */
  id: string;
  /** Where mail programs post to when somebody has had enough. */
  unsubscribe: string;
};

/** smtp://USER:PASSWORD@HOST:PORT or smtps://. A password goes by TLS, but on this machine. */
export type MailOptions = { smtp: string; from: string; timeoutMs?: number };

const TIMEOUT_MS = 15_000;

export function createMailer({ smtp, from, timeoutMs = TIMEOUT_MS }: MailOptions) {
  const url = new URL(smtp);
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (url.protocol === 'smtps:' ? 465 : 587)),
    secure: url.protocol === 'smtps:',
    requireTLS: url.username !== '' && !isLoopback(url.hostname),
    ...(url.username && { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });

  /** As `post` of a webhook; the status is that of SMTP. */
  async function send({ to, subject, text, html, id, unsubscribe }: Mail): Promise<Posted> {
    const startedAt = performance.now();
    const took = () => Math.round(performance.now() - startedAt);
    try {
      const { response } = await transport.sendMail({
        ...{ from, to: { name: '', address: to }, subject, text, html },
        messageId: `<${id}@${new URL(unsubscribe).hostname}>`,
        headers: {
          'Auto-Submitted': 'auto-generated',
          'List-Unsubscribe': { prepared: true, value: `<${unsubscribe}>` },
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      });
      return { status: Number.parseInt(response, 10), text: inert(response), tookMs: took() };
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      const status = 'responseCode' in cause && typeof cause.responseCode === 'number' ? cause.responseCode : null;
      const said = 'response' in cause && typeof cause.response === 'string' ? cause.response : null;
      const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
      return { status, text: inert(said ?? `No connection to the mail server: ${code}.`), tookMs: took() };
    }
  }
  return { send };
}

const inert = (text: string) =>
  text
    .slice(0, 200)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
