/** A store in a folder of its own that goes with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DEFAULT_RULES } from '#analysis/build-mapping.ts';
import type { JobChange } from '#schema/records.ts';
import { openStore } from '#store/open.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState, type SourceSettings, saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { settings } from './settings.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function temporaryWriter(
  slugs: readonly (string | SourceSettings)[] = ['alpha'],
  folder = temporaryFolder(),
): Promise<Writer> {
  const store = openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'write' });
  onTestFinished(() => store.close());
  const writer = createWriter(store, DEFAULT_RULES);
  await saveSources(
    writer,
    slugs.map((s) => (typeof s === 'string' ? settings(s) : s)),
  );
  return writer;
}

export async function write(
  writer: Writer,
  slug: string,
  change: JobChange,
  at = 1_790_000_000_000_000,
): Promise<string> {
  const source = await getSyncState(writer, slug);
  if (!source) throw new Error(`no source ${slug}`);
  const packed = packJob(writer, change);
  return writer.transaction(() => writeJob(writer, source, packed, at, 'SCHEDULE'));
}
