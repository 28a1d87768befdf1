/** `basalt agent`: reads the masters of a lab, and pushes what it reads outwards to a Basalt. */
import { join } from 'node:path';
import cron from 'node-cron';
import type { Logger } from 'pino';
import { createPusher } from '#adapters/agent/push.ts';
import { openAdapter } from '#adapters/registry.ts';
import { type AgentSource, followForAgent } from '#ingest/agent/follow.ts';
import { readIntoSpool } from '#ingest/agent/read.ts';
import { sendOnce } from '#ingest/agent/send.ts';
import { openSpool } from '#store/spool.ts';
import type { Config, ConfiguredAgent, ConfiguredSource } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import { VERSION } from './version.ts';

type Opened = AgentSource & { path: string; close(): Promise<void> };

const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

export async function startAgent(
  config: Config,
  log: Logger,
): Promise<{ broken: Promise<Error>; close(): Promise<void> }> {
  const { agent, sources } = readable(config);
  await using open = new AsyncDisposableStack();
  const stop = new AbortController();
  const opened = sources.map((source) => {
    const one = openOne(source, agent, config.data);
    open.defer(() => one.close());
    return one;
  });
  const followed = opened.map((source) => {
    const one = followForAgent(source, { now, signal: stop.signal, log: log.child({ source: source.slug }) });
    const task = cron.schedule(source.poll, () => one.poll(), { timezone: 'UTC' });
    open.defer(async () => {
      await task.destroy();
      await one.ended;
    });
    one.poll();
    const { entries, bytes, limitBytes } = source.spool.waiting();
    process.stdout.write(
      `${source.slug}: reads ${source.url} and pushes to ${agent.url}; ${entries} entries (${megabytes(bytes)} of ${megabytes(limitBytes)} MB) wait in ${source.path}\n`,
    );
    return one;
  });
  open.defer(() => stop.abort(new Error('the agent is stopping')));
  const running = open.move();
  return { broken: Promise.race(followed.map(({ broken }) => broken)), close: () => running.disposeAsync() };
}

/** Reads and pushes what is new, and ends. */
export async function runAgentOnce(config: Config, log: Logger): Promise<number> {
  const { agent, sources } = readable(config);
  const stop = new AbortController();
  const abort = () => stop.abort(new Error('stopped by a signal'));
  process.once('SIGTERM', abort).once('SIGINT', abort);
  const codes = await Promise.all(
    sources.map(async (configured) => {
      const source = openOne(configured, agent, config.data);
      try {
        return await once(source, stop.signal, log.child({ source: source.slug }));
      } finally {
        await source.close();
      }
    }),
  );
  return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}

/** What is there already is pushed first: there may be no room for more. */
async function once(source: Opened, signal: AbortSignal, log: Logger): Promise<number> {
  const deps = { ...source, now, signal, log };
  const say = (text: string) => process.stderr.write(`${source.slug}: ${text}\n`);
  const push = async (): Promise<string | null> => {
    for (;;) {
      const { state, message } = await sendOnce(deps);
      if (state === 'refused' || state === 'unreachable') return message;
      if (state === 'sent' && source.spool.waiting().entries === 0) return null;
    }
  };
  for (;;) {
    await push();
    const report = await readIntoSpool({
      ...deps,
      refresh: { probe: true, fleet: true },
      onAdded: () => undefined,
    });
    const problem = await push();
    const { entries, bytes } = source.spool.waiting();
    const waiting = `${entries} entries (${megabytes(bytes)} MB) wait in the spool`;
    say(`${report.jobs} jobs read, ${report.entries} entries made; ${waiting}`);
    if (signal.aborted) return EXIT.stopped;
    if (problem !== null) {
      say(`nothing can be pushed: ${problem}`);
      return EXIT.source;
    }
    if (report.failure) say(`the master could not be read: ${report.failure.message}`);
    if (report.state === 'succeeded') return EXIT.ok;
    if (report.state === 'failed' || report.state === 'aborted') return EXIT.source;
  }
}

/** @throws CommandFailure when the file is not one of a lab. */
function readable({ agent, sources }: Config): { agent: ConfiguredAgent; sources: ConfiguredSource[] } {
  if (!agent) {
    const how = 'agent: { url: https://basalt.example.org/ }';
    throw new CommandFailure(EXIT.config, `the configuration names no Basalt to push to: ${how}`);
  }
  const mine = sources.filter(({ kind, paused }) => kind === 'lava' && !paused);
  const keyless = mine.find(({ agentKey }) => agentKey === null);
  if (keyless)
    throw new CommandFailure(EXIT.config, `${keyless.slug}: an agent pushes by a key: agentKey: { env: NAME }`);
  if (mine.length === 0)
    throw new CommandFailure(EXIT.config, 'the configuration names no master to read: sources: [...]');
  return { agent, sources: mine };
}

function openOne(source: ConfiguredSource, agent: ConfiguredAgent, data: string): Opened {
  const { slug, url, token, caPem, budget, settleSeconds, history, historySince, poll, events, zmq = null } = source;
  const path = join(data, `spool-${slug}.db`);
  const spool = openSpool(path, agent.spoolMegabytes * 1_000_000);
  const options = {
    kind: 'lava',
    slug,
    url,
    token,
    caPem,
    zmq,
    budget,
    settleSeconds,
    history,
    historySince,
    version: VERSION,
  } as const;
  const { adapter, close } = openAdapter(options);
  const userAgent = `Basalt-agent/${VERSION}`;
  const pusher = createPusher({ slug, url: agent.url, key: source.agentKey ?? '', caPem: agent.caPem, userAgent });
  return {
    ...{ slug, url, poll, path, spool, adapter, pusher },
    events: events === 'auto',
    quietHours: budget.quietHours ?? null,
    async close() {
      await Promise.all([close(), pusher.close()]);
      spool.close();
    },
  };
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
