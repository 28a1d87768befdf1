/** Mail that leaves; how is not the API's to know. */
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

export type Mailer = { send(mail: Mail): Promise<Posted> };
