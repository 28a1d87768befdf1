/** The real adapter on a fake master: short patience, no pauses worth waiting for. */
import type { HttpOptions } from '#adapters/http.ts';
import { createHttp } from '#adapters/http.ts';
import { ALLOWED, kindOf } from '#adapters/lava/client.ts';
import { createLavaAdapter, type LavaOptions } from '#adapters/lava/index.ts';
import { ALLOWED_CALLS } from '#adapters/lava/xml-rpc.ts';
import type { FakeMaster } from './fake-master.ts';
import { TOKEN } from './fake-master.ts';

export function openLava(
  master: Pick<FakeMaster, 'url'>,
  more: Partial<HttpOptions> & Pick<Partial<LavaOptions>, 'settleSeconds' | 'newest' | 'history' | 'historySince'> = {},
) {
  const { settleSeconds = 0, newest, history = 'newest', historySince = null, ...rest } = more;
  const options: HttpOptions = {
    slug: 'lab',
    url: master.url,
    token: TOKEN,
    caPem: null,
    budget: { concurrent: 2, perMinute: 100_000 },
    allowed: ALLOWED,
    allowedCalls: ALLOWED_CALLS,
    kindOf,
    userAgent: 'Basalt/test',
    timeoutMs: 5_000,
    firstRetryMs: 1,
    ...rest,
  };
  const http = createHttp(options);
  const adapter = createLavaAdapter(
    {
      ...{ slug: options.slug, url: options.url, settleSeconds, newest, history, historySince },
      ...{ hasToken: options.token !== null, hasPublisher: options.zmq != null },
    },
    http,
  );
  return { adapter, http };
}
