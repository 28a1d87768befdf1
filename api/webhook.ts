/** Where messages are posted to. How, and which addresses are none to post to, is not the API's to know. */
export type Posted = {
  /** Null when there was no answer. */
  status: number | null;
  /** How the answer begins, as text that does nothing; or why there was none. */
  text: string;
  tookMs: number;
};

export type WebhookPost = { url: string; headers: Readonly<Record<string, string>>; body: string };

export type Webhooks = {
  /** Why nothing is posted there, in words; null for an address that may be posted to. */
  problemOf(url: string): string | null;
  post(message: WebhookPost, signal: AbortSignal): Promise<Posted>;
};
