/** The last audit of a source, and the mark of a job that is deleted there. */
import { expect, test } from 'vitest';
import type { AuditFindings } from '#store/audit-memory.ts';
import { markGone, saveAudit } from '#store/write-audit.ts';
import { getSyncState } from '#store/write-source.ts';
import { jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import { startServer } from './server.ts';

const AT = 1_790_000_000_000_000;
const AUDIT =
  '{ source(slug: "alpha") { reconciliation { sourceCount storeCount missing changed goneAtSource deleted repaired sampled altered alarm } } }';
const GONE = '{ job(source: "alpha", externalId: "7") { provenance { goneAtSourceAt } } }';

const found = (sourceCount: number, alarm: string | null): AuditFindings => ({
  ...{ sourceCount, storeCount: sourceCount + 3, missing: [], changed: [] },
  ...{ goneAtSource: 3, deleted: 2, repaired: 1, sampled: 0, altered: 0, alarm },
});

test('an audit says what it repaired and what alarms it, to each what concerns the jobs he sees', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [{ login: 'root', token: 'sesame', teams: [], role: 'admin' }],
  });
  const { writer } = server;
  const id = (await getSyncState(writer, 'alpha'))?.id ?? 0;
  expect(await server.data(AUDIT)).toEqual({ source: { reconciliation: null } });
  await writer.transaction(() =>
    saveAudit(writer, id, { ...found(300, 'many vanished'), publicView: found(200, null) }, {}, AT),
  );
  expect(await server.data(AUDIT)).toEqual({ source: { reconciliation: found(200, null) } });
  expect(await server.data(AUDIT, { token: 'sesame' })).toEqual({
    source: { reconciliation: found(300, 'many vanished') },
  });
});

test('a job that is deleted on its source says when that was seen, and no more once it is read again', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const { writer } = server;
  const job = jobOf({ externalId: '7', description: 'first' });
  await write(writer, 'alpha', { job, results: null, settled: true });
  const source = await getSyncState(writer, 'alpha');
  if (!source) throw new Error('no source');
  expect(await server.data(GONE)).toEqual({ job: { provenance: { goneAtSourceAt: null } } });
  await writer.transaction(() => markGone(writer, source, '7', AT, AT));
  expect(await server.data(GONE)).toEqual({ job: { provenance: { goneAtSourceAt: '2026-09-21T14:13:20Z' } } });
  await write(writer, 'alpha', { job: { ...job, description: 'second' }, results: null, settled: true });
  expect(await server.data(GONE)).toEqual({ job: { provenance: { goneAtSourceAt: null } } });
});
