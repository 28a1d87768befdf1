/** `basalt demo`: three recorded masters replayed on loopback, read and served by the product itself. */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COST_PER_MINUTE } from '#api/rate-limit.ts';
import { type Config, readListen } from '../config.ts';
import type { IngestEvents } from '../ingest.ts';
import { createLogger } from '../log.ts';
import { startServer } from '../serve.ts';
import { untilStopped } from '../until-stopped.ts';
import { ConfigError } from '../yaml-file.ts';
import { enterWhatPeopleSay } from './people.ts';
import { RECORDINGS, startReplay } from './replay.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

export async function demo(env: Record<string, string | undefined>, { still }: { still: boolean }): Promise<number> {
  const problems: string[] = [];
  const listen = readListen(env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const data = mkdtempSync(join(tmpdir(), 'basalt-demo-'));
  const now = Date.now();
  say('Basalt demo: answers recorded from three real LAVA masters are replayed on loopback.');
  say('Their times are moved so that the newest job has just ended; everything else is as recorded.');
  const replays = await Promise.all(RECORDINGS.map((recording) => startReplay(recording.path, { now, live: !still })));
  const sources = RECORDINGS.map((recording, i) => ({
    slug: recording.name,
    kind: 'lava' as const,
    url: replays[i]?.url ?? '',
    token: recording.token,
    caPem: null,
    labels: { demo: 'recorded' },
    retention: {},
    visibility: 'public' as const,
    teams: [],
    budget: { concurrent: 4, perMinute: 6000 },
    events: 'off' as const,
    callbackToken: null,
    agentKey: null,
    poll: '*/5 * * * * *',
    paused: false,
    auditHours: 24,
    history: 'newest' as const,
    historySince: null,
    settleSeconds: 2,
  }));
  const token = randomBytes(32).toString('base64url');
  const config: Config = {
    ...listen,
    logLevel: env.BASALT_LOG_LEVEL || 'warn',
    sources,
    agent: null,
    rules: [],
    policies: new Map(),
    costPerMinute: COST_PER_MINUTE,
    proxies: [],
    webhooks: { privateHosts: [] },
    mail: null,
    store: { url: `sqlite:${join(data, 'basalt.db')}` },
    access: [{ login: 'demo', token, role: 'triage', teams: [] }],
    oidc: null,
    data,
    vault: { key: null, file: null },
  };
  try {
    const log = createLogger(config.logLevel);
    for (const { slug, url } of sources) say(`  ${slug}: replayed at ${url}`);
    const waiting = new Set(sources.map((source) => source.slug));
    const events: IngestEvents = new EventEmitter();
    const allRead = new Promise<void>((resolve) => {
      events.on('report', (slug, report) => {
        if (!waiting.delete(slug)) return;
        say(
          report.error
            ? `  ${slug}: ${report.error.message}`
            : `  ${slug}: ${report.jobsRead} jobs read with ${report.requests} requests, ${report.rejected} records quarantined`,
        );
        if (waiting.size === 0) resolve();
      });
    });
    const running = await startServer(config, log, events, { admin: false });
    await allRead;
    await enterWhatPeopleSay(running.url, token);
    say('  two known issues, a note and a result that is left out are entered through the API');
    for (const replay of replays) replay.letFinish();
    if (!still) say('A few jobs are still running: watch them finish on the jobs page.');
    say(`Basalt is ready at ${running.url}  (Ctrl+C ends it)`);
    return await untilStopped(running, log);
  } finally {
    await Promise.all(replays.map((replay) => replay.close()));
    rmSync(data, { recursive: true, force: true });
  }
}
