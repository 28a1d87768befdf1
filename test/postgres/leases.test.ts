/** Several ingesters, one store: each source is read by one of them, and only that one can write for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLeases, type LeaseOptions, type Leases } from '#ingest/leases.ts';
import { LeaseLost } from '#store/error.ts';
import { openStore } from '#store/open.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { settings } from '../store/settings.ts';
import { type Place, temporaryPlace } from '../store/temporary.ts';

const SLUGS = ['alpha', 'beta', 'gamma', 'delta'];
const log = pino({ level: 'silent' });

async function writerOf(place: Place): Promise<Writer> {
  const store = await openStore({ ...place, mode: 'write' });
  onTestFinished(() => store.close());
  return createWriter(store, []);
}

async function newPlace(): Promise<Place> {
  const place = await temporaryPlace();
  await saveSources(
    await writerOf(place),
    SLUGS.map((slug) => settings(slug)),
  );
  return place;
}

async function ingester(
  place: Place,
  options: Partial<LeaseOptions> = {},
): Promise<{ leases: Leases; gained: string[] }> {
  const gained: string[] = [];
  const leases = createLeases({
    writer: await writerOf(place),
    slugs: SLUGS,
    log,
    ttlMs: 1_000,
    heartbeatMs: 100,
    ...options,
  });
  await leases.start((slug) => gained.push(slug));
  onTestFinished(() => leases.stop());
  return { leases, gained };
}

const heldBy = ({ leases }: { leases: Leases }) => SLUGS.filter((slug) => leases.held(slug));

test('one takes all, two share, and what one gives back the other takes at once', async () => {
  const place = await newPlace();
  const first = await ingester(place);
  expect(heldBy(first)).toEqual(SLUGS);

  const second = await ingester(place);
  await vi.waitFor(() => expect([heldBy(first).length, heldBy(second).length]).toEqual([2, 2]), 5_000);
  expect([...heldBy(first), ...heldBy(second)].sort()).toEqual([...SLUGS].sort());

  await second.leases.stop();
  await vi.waitFor(() => expect(heldBy(first)).toEqual(expect.arrayContaining(SLUGS)), 5_000);
});

test('what is being read is not given away', async () => {
  const place = await newPlace();
  const first = await ingester(place, { isBusy: (slug) => slug !== 'delta' });
  const second = await ingester(place);
  await vi.waitFor(() => expect(heldBy(second)).toEqual(['delta']), 5_000);
  await sleep(500);
  expect(heldBy(first)).toEqual(['alpha', 'beta', 'gamma']);
});

test('a guest takes what is free and drives nobody away', async () => {
  const place = await newPlace();
  const first = await ingester(place);
  const guest = await ingester(place, { guest: true });
  await sleep(500);
  expect([heldBy(first), heldBy(guest)]).toEqual([SLUGS, []]);
});

test('L-59, T-50: a lease that is not renewed is taken over, and its old owner can write nothing more', async () => {
  const place = await newPlace();
  const frozen = await ingester(place, { heartbeatMs: 3_600_000 });
  const held = frozen.leases.held('alpha');
  await held?.writer.transaction(async () => undefined);

  const began = performance.now();
  const next = await ingester(place);
  await vi.waitFor(() => expect(heldBy(next)).toEqual(SLUGS), 5_000);
  expect(performance.now() - began).toBeGreaterThan(500);

  const write = held?.writer.transaction(() =>
    held.writer.store.sql.run("UPDATE source SET bookmark = 'of the old owner'"),
  );
  await expect(write).rejects.toThrow(LeaseLost);
});

test('nobody takes a source over in the middle of a transaction for it', async () => {
  const place = await newPlace();
  const frozen = await ingester(place, { heartbeatMs: 3_600_000 });
  const held = frozen.leases.held('alpha');
  let next: Awaited<ReturnType<typeof ingester>> | undefined;
  await held?.writer.transaction(async () => {
    next = await ingester(place);
    await vi.waitFor(() => expect(next && heldBy(next)).toEqual(['beta', 'gamma', 'delta']), 5_000);
    await sleep(300);
    expect(next?.leases.held('alpha')).toBeNull();
    await held.writer.store.sql.run("UPDATE source SET bookmark = 'whole' WHERE slug = 'alpha'");
  });
  await vi.waitFor(() => expect(next && heldBy(next)).toEqual(SLUGS), 5_000);
});

test('a transaction that takes long costs its ingester no source', async () => {
  const place = await newPlace();
  const busy = await ingester(place, { isBusy: () => true });
  const guest = await ingester(place, { guest: true });
  const held = busy.leases.held('alpha');
  await held?.writer.transaction(() => sleep(2_500));
  expect([heldBy(busy), heldBy(guest)]).toEqual([SLUGS, []]);
  expect(held?.signal.aborted).toBe(false);
});

test('a lease ends where it is held while the database is silent, and is taken anew after it', async () => {
  const place = await newPlace();
  const first = await ingester(place);
  const held = first.leases.held('alpha');
  const other = (await writerOf(place)).store;
  await other.transaction(async () => {
    await other.sql.run('LOCK TABLE ingester');
    await vi.waitFor(() => expect(heldBy(first)).toEqual([]), 5_000);
    expect(held?.signal.aborted).toBe(true);
  });
  await vi.waitFor(() => expect(heldBy(first)).toEqual(SLUGS), 5_000);
});

test('a server whose clock was put back keeps no source from being read', async () => {
  const place = await newPlace();
  const { sql } = (await writerOf(place)).store;
  const later = (Date.now() + 3_600_000) * 1000;
  await sql.run("INSERT INTO lease (source_id, owner, term, expires_at) SELECT id, 'gone', 7, ? FROM source", later);
  await sql.run("INSERT INTO ingester (owner, seen_at) VALUES ('gone', ?)", later);
  expect(heldBy(await ingester(place))).toEqual(SLUGS);
});

test('a server soon lets go of what a machine that is gone had begun', async () => {
  const { sql } = (await writerOf(await newPlace())).store;
  const names = ['client_connection_check_interval', 'idle_in_transaction_session_timeout', 'tcp_keepalives_idle'];
  const values = names.map(async (name) => (await sql.get<{ v: string }>(`SELECT current_setting('${name}') AS v`))?.v);
  expect(await Promise.all(values)).toEqual(['1s', '20s', '5']);
});
