import { headers } from 'next/headers';

/** Under what address the visitor knows this Basalt, as api/public-origin.ts tells it; empty where it is not known. */
export async function publicOrigin(): Promise<string> {
  const asked = await headers();
  const host = asked.get('host');
  const origin = `${asked.get('x-forwarded-proto') === 'https' ? 'https' : 'http'}://${host}`;
  return host && URL.canParse(origin) ? new URL(origin).origin : '';
}
