/** The recorded masters, replayed, with a configuration that names them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { RECORDINGS, type Replay, startReplay } from '#cli/demo/replay.ts';

export type Masters = { replays: Replay[]; config: string; env: NodeJS.ProcessEnv; data: string };

export async function replayedMasters(
  folder: string,
  poll = '* * * * *',
  { perMinute = 6000, store }: { perMinute?: number; store?: string } = {},
): Promise<Masters> {
  const replays = await Promise.all(RECORDINGS.map(({ path }) => startReplay(path, { now: null, live: false })));
  onTestFinished(async () => {
    await Promise.all(replays.map((replay) => replay.close()));
  });
  const config = join(folder, 'basalt.yaml');
  const sources = RECORDINGS.map(({ name }, i) => ({
    slug: name,
    url: replays[i]?.url,
    token: { env: 'MASTER_TOKEN' },
    budget: { concurrent: 4, perMinute },
    settleSeconds: 0,
    poll,
  }));
  writeFileSync(
    config,
    JSON.stringify({
      sources,
      ...(store && { store: { env: 'STORE' } }),
      access: { tokens: [{ login: 'ci', token: { env: 'CI_TOKEN' }, role: 'admin' }] },
    }),
  );
  return {
    replays,
    config,
    data: join(folder, 'data'),
    env: {
      NODE_ENV: 'test',
      PATH: `${join(import.meta.dirname, '../../node_modules/.bin')}:/usr/bin:/bin`,
      BASALT_CONFIG: config,
      BASALT_DATA: join(folder, 'data'),
      MASTER_TOKEN: RECORDINGS[0]?.token ?? '',
      CI_TOKEN: 'sesame',
      ...(store && { STORE: store }),
    },
  };
}
