/** A store of its own that goes with the test, on the engine the test runs for. */
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { JobChange } from '#schema/records.ts';
import { openStore } from '#store/open.ts';
import type { StoreOptions } from '#store/store.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState, type SourceSettings, saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { databaseUrl, inDatabase, TEMPLATE } from '../postgres/setup.ts';
import { settings } from './settings.ts';

const FILE = 'basalt.db';

export type Place = Omit<StoreOptions, 'mode'>;

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where an empty store of this version is. */
export async function temporaryPlace(): Promise<Place> {
  const folder = temporaryFolder();
  const server = inject('postgres');
  if (!server) {
    copyFileSync(inject('sqlite'), join(folder, FILE));
    return fileIn(folder);
  }
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await inDatabase(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  onTestFinished(() => inDatabase(server, `DROP DATABASE ${name} WITH (FORCE)`));
  return { url: databaseUrl(server, name), logDir: join(folder, 'logs') };
}

/** Where a store may be, or is not yet. */
export function fileIn(folder: string): Place {
  return { url: `sqlite:${join(folder, FILE)}` };
}

export async function temporaryWriter(
  slugs: readonly (string | SourceSettings)[] = ['alpha'],
  place?: Place,
): Promise<Writer> {
  const store = await openStore({ ...(place ?? (await temporaryPlace())), mode: 'write' });
  onTestFinished(() => store.close());
  const writer = createWriter(store, []);
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
