/** Real masters that go on working, read by two ingesters that are killed in turn for five minutes: the same tables as one calm run. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCluster } from '../postgres/cluster.ts';
import { killInTurn, sameTables } from '../postgres/many.ts';
import { lab, type Master } from './masters.ts';
import { createProduct, environment } from './product.ts';

const KILLING_MS = 300_000;
/** The masters rest before the killing ends, so that the calm run finds what the last reading found. */
const CHURN_SECONDS = 270;

export async function manyAndCompare(masters: readonly Master[], folder: string): Promise<string> {
  const cluster = await createCluster({ fsync: 'on' });
  try {
    const data = join(folder, 'many', 'data');
    const place = { url: cluster.url, logDir: join(data, 'logs') };
    const env = environment(masters, data, cluster.url);
    const churning = Promise.allSettled(
      ['beta', 'gamma'].map((name) =>
        lab('churn', '--master', name, '--rate', '0.5', '--duration', String(CHURN_SECONDS)),
      ),
    );
    const { kills, failovers, answers } = await killInTurn(env, place, KILLING_MS);
    const said = (await churning).map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const churned = said.join('').match(/"job": /g)?.length ?? 0;
    const slowest = Math.max(...failovers);
    if (!(slowest < 30)) throw new Error(`a failover took ${slowest} s: ${failovers.join(', ')}`);

    const calm = join(folder, 'calm', 'data');
    const product = createProduct(masters, calm);
    // A job that ended minutes ago is final at the second look.
    for (let look = 0; look < 2; look++) {
      await product.run('sync', '--once');
      await sleep(4_000);
    }
    await sameTables({ url: `sqlite:${join(calm, 'basalt.db')}` }, place);
    const times = failovers.map((seconds) => seconds.toFixed(1)).join(' ');
    return `${churned} jobs finished meanwhile, ${kills} processes killed, ${answers} answers, failovers ${times} s`;
  } finally {
    await cluster.remove();
  }
}
