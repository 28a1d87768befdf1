import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Asked, RequestKind } from '#schema/records.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { addAsked, bucketOf, getAsked, quantile, SLOT_MICROS } from '#store/request-slot.ts';
import { temporaryWriter } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const AT = 1_790_000_000_000_000;

const asked = (kind: RequestKind, durationsMs: number[], failed = 0): Asked => ({
  kind,
  requests: durationsMs.length,
  failed,
  bytes: 100 * durationsMs.length,
  durationsMs,
});

test('a quantile is within 9 % of the one of the durations themselves', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.95),
      (durations, share) => {
        const counted: Record<string, number> = {};
        for (const ms of durations) counted[bucketOf(ms)] = (counted[bucketOf(ms)] ?? 0) + 1;
        const exact = durations.toSorted((a, b) => a - b)[Math.ceil(durations.length * share) - 1] ?? 0;
        const found = quantile(counted, share) ?? 0;
        expect(Math.abs(found / exact - 1)).toBeLessThan(0.092);
      },
    ),
  );
  expect(quantile({}, 0.5)).toBeNull();
});

test('what is told in pieces adds up, by kind and from a slot on', async () => {
  const writer = await temporaryWriter(['lab', 'other']);
  const add = (sourceId: number, one: Asked, at: number) =>
    writer.transaction(() => addAsked(writer, sourceId, [one], at));
  await add(1, asked('LIST', [10, 20]), AT - 7 * SLOT_MICROS);
  await add(1, asked('LIST', [10, 10, 10]), AT);
  await add(1, asked('LIST', [1000], 1), AT + 1);
  await add(1, asked('LOG', [40, 60]), AT);
  await add(2, asked('LIST', [5]), AT);

  const of = async (viewer: Viewer, from: number) => (await getAsked(writer.store, viewer, [1], from)).get(1);
  const { since, total, kinds = [] } = (await of(ADMIN, AT - 6 * SLOT_MICROS)) ?? {};
  expect(since).toBe(Math.floor(AT / SLOT_MICROS - 6) * SLOT_MICROS);
  expect(total).toMatchObject({ kind: null, requests: 6, failed: 1, bytes: 600, waitedMs: 1130 });
  expect(kinds.map(({ kind, requests }) => [kind, requests])).toEqual([
    ['LIST', 4],
    ['RESULTS', 0],
    ['LOG', 2],
    ...['FLEET', 'PROBE', 'AUDIT', 'EVENTS', 'LIVE'].map((kind) => [kind, 0]),
  ]);
  expect(kinds[0]?.p50Ms).toBeCloseTo(10, -0.5);
  expect(kinds[1]).toMatchObject({ p50Ms: null, p95Ms: null });
  expect((await of(ADMIN, 0))?.total.requests).toBe(8);
  expect(await of(ANONYMOUS, 0)).toBeUndefined();
  expect([...(await getAsked(writer.store, ADMIN, [1, 2, 99], AT)).keys()]).toEqual([1, 2]);
});

test('slots older than eight days go', async () => {
  const writer = await temporaryWriter(['lab']);
  const add = (at: number) => writer.transaction(() => addAsked(writer, 1, [asked('LIST', [10])], at));
  await add(AT);
  await add(AT + 7 * 144 * SLOT_MICROS);
  expect((await getAsked(writer.store, ADMIN, [1], 0)).get(1)?.total.requests).toBe(2);
  await add(AT + 9 * 144 * SLOT_MICROS);
  expect((await getAsked(writer.store, ADMIN, [1], 0)).get(1)?.total.requests).toBe(2);
});
