/** A master behind TLS: what is wrong with its certificate is said, each in its own words, and nothing goes out in the clear. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { context } from '../contract/adapter.ts';
import { failureOf } from './lava-world.ts';
import { openLava } from './open-lava.ts';

/** Good for 127.0.0.1 until 2125, by an authority whose key is gone; "expired" was so in 2021. */
const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures/tls', name), 'utf8');

async function lab(certificate: string, caPem: string | null) {
  const asked: string[] = [];
  const options = { key: fixture('server-key.pem'), cert: fixture(`${certificate}.pem`) };
  const server = createServer(options, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { adapter, http } = openLava({ url: `https://127.0.0.1:${port}/` }, { caPem });
  onTestFinished(async () => {
    await http.close();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  });
  const { code, message } = await failureOf(adapter.probe(context()));
  return { code, message, asked };
}

test.each([
  ['expired', fixture('ca.pem'), 'its certificate has expired'],
  ['other-name', fixture('ca.pem'), 'its certificate is for another name than 127.0.0.1'],
  ['good', null, 'its certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE): name the authority by "ca"'],
])('L-20, T-29: a certificate that is %s is refused before anything is asked', async (certificate, caPem, words) => {
  const { code, message, asked } = await lab(certificate, caPem);
  expect([code, message, asked]).toEqual(['UNREACHABLE', expect.stringContaining(words), []]);
});

test('L-20: an authority that is named is trusted, by that source alone', async () => {
  const { code, asked } = await lab('good', fixture('ca.pem'));
  expect([code, asked.length]).toEqual(['UNSUPPORTED', 1]);
  expect((await lab('good', null)).asked).toEqual([]);
});
