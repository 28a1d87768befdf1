/** `basalt doctor`: configuration, store, logs and sources, each with a word and, where it fails, what to do. */
import { SILENT_AFTER } from '#adapters/agent/index.ts';
import { SourceError } from '#adapters/error.ts';
import { readWanted, type Wanted } from '#ingest/roster.ts';
import { type Configured, type InboxOf, openSources } from '#ingest/sources.ts';
import { brokenChain } from '#store/audit-chain.ts';
import { checkStore } from '#store/check.ts';
import { InvalidInput, StoreDamaged, StoreUnavailable } from '#store/error.ts';
import { getAgent } from '#store/inbox.ts';
import { assertStoreExists, openStore, storeName } from '#store/open.ts';
import { type CheckState, readCheckState } from '#store/rebuild.ts';
import { listSameMasters } from '#store/same-master.ts';
import type { Store } from '#store/store.ts';
import { createVault } from '#store/vault.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { VERSION } from './version.ts';

type Finding = { name: string; ok: boolean; text: string };

type Checked = { sources: readonly Configured[]; locked?: Wanted['locked'] };

const LOW_DISK = 1024 ** 3;

export async function doctor(config: Config): Promise<number> {
  const findings: Finding[] = [{ name: 'configuration', ok: true, text: `${config.sources.length} sources` }];
  findings.push(...(await checkData(config)));
  for (const { name, ok, text } of findings) process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${text}\n`);
  return findings.every((finding) => finding.ok) ? EXIT.ok : EXIT.findings;
}

/** The store, and the sources: also those that are kept in it. */
async function checkData(config: Config): Promise<Finding[]> {
  try {
    assertStoreExists(config.store.url);
    await using open = new AsyncDisposableStack();
    const store = await openStore({ ...config.store, mode: 'read' });
    open.defer(() => store.close());
    const findings = await checkOpened(store, storeName(config.store.url));
    const isUsable = (await store.schemaProblem()) === null;
    return [
      ...findings,
      ...(isUsable ? await checkAgents(store, config) : []),
      ...(await checkSources(isUsable ? await readWanted(store, config.sources, createVault(config.vault)) : config)),
    ];
  } catch (cause) {
    const isTold = [InvalidInput, StoreDamaged, StoreUnavailable].some((kind) => cause instanceof kind);
    if (!(cause instanceof Error && isTold)) throw cause;
    return [{ name: 'store', ok: false, text: cause.message }, ...(await checkSources(config))];
  }
}

async function checkOpened(store: Store, name: string): Promise<Finding[]> {
  const problem = await store.schemaProblem();
  if (problem) return [{ name: 'store', ok: false, text: problem }];
  const problems = await checkStore(store);
  const derived = await readCheckState(store.sql);
  const chain = await brokenChain(store);
  const free = store.freeBytes();
  const twice = await listSameMasters(store);
  return [
    {
      name: 'store',
      ok: problems.length === 0,
      text: problems.length === 0 ? `${name} is sound` : problems.slice(0, 20).join('; '),
    },
    { name: 'derived tables', ...describeChecks(derived) },
    {
      name: 'audit log',
      ok: chain === null,
      text: chain === null ? 'is as it was written' : `${chain}: somebody has written to the store past Basalt`,
    },
    ...twice.map(({ one, other, jobs }) => ({
      name: one,
      ok: false,
      text: `reads the same master as ${other} (${jobs} jobs of the newest are the same), all of it counts twice: take one of them out of the configuration`,
    })),
    {
      name: 'disk',
      ok: free > LOW_DISK,
      text: `${Math.round(free / 1e9)} GB free${free > LOW_DISK ? '' : ': make room'}`,
    },
  ];
}

function describeChecks({ last, differences }: CheckState): Pick<Finding, 'ok' | 'text'> {
  const mended = [...(last?.differences ?? []), ...differences];
  const when = last ? `checked whole on ${new Date(last.finishedAt / 1000).toISOString()}` : 'not checked whole yet';
  if (mended.length === 0) return { ok: true, text: `${when}, 0 differences` };
  const rows = mended.reduce((sum, { missing, extra, wrong }) => sum + missing + extra + wrong, 0);
  const tables = [...new Set(mended.map(({ table }) => table))].join(', ');
  return {
    ok: false,
    text: `${when}; ${rows} rows of ${tables} differed from the facts and were mended: please report it`,
  };
}

async function checkAgents(store: Store, { sources }: Config): Promise<Finding[]> {
  const agents = sources.filter(({ kind }) => kind === 'agent');
  return Promise.all(
    agents.map(async ({ slug }): Promise<Finding> => {
      const agent = await getAgent(store, slug);
      if (!agent) return { name: slug, ok: false, text: 'no agent has called yet: start `basalt agent` in the lab' };
      const seconds = Math.round(Date.now() / 1000 - agent.heardAt / 1e6);
      const { entries, bytes, limitBytes, isFull } = agent.waiting;
      const spool = `${entries} entries (${(bytes / 1e6).toFixed(1)} of ${(limitBytes / 1e6).toFixed(0)} MB) wait in its spool`;
      const text = `its agent called ${seconds} s ago, ${isFull ? 'and its spool is full: ' : ''}${spool}`;
      return { name: slug, ok: !isFull && seconds * 1e6 <= SILENT_AFTER, text };
    }),
  );
}

const noInbox: InboxOf = (slug) => {
  throw new Error(`${slug}: what an agent reads is not asked`);
};

async function checkSources({ sources, locked = [] }: Checked): Promise<Finding[]> {
  const shut = locked.map(({ slug, reason }) => ({ name: slug, ok: false, text: reason }));
  const isAsked = ({ slug, kind }: Configured) => kind === 'lava' && !locked.some((one) => one.slug === slug);
  const opened = openSources(sources.filter(isAsked), VERSION, noInbox);
  const now = () => Date.now() * 1000;
  try {
    const found = await Promise.all(
      opened.sources.map(async ({ slug, adapter }): Promise<Finding> => {
        try {
          const probe = await adapter.probe({ now, signal: AbortSignal.timeout(60_000) });
          const who = probe.whoAmI ?? 'nobody (anonymous)';
          const skew =
            probe.clockOffsetMs === null ? '' : `, clock ${(probe.clockOffsetMs / 1000).toFixed(1)} s off ours`;
          return {
            name: slug,
            ok: probe.warnings.length === 0,
            text: [`LAVA ${probe.version ?? 'of unknown version'}, reading as ${who}${skew}`, ...probe.warnings].join(
              '; ',
            ),
          };
        } catch (cause) {
          if (!(cause instanceof SourceError)) throw cause;
          return { name: slug, ok: false, text: cause.message };
        }
      }),
    );
    return [...found, ...shut];
  } finally {
    await opened.close();
  }
}
