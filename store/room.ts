/** Is there room for what comes next? */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DiskFull } from './error.ts';
import type { Store } from './store.ts';

/** Left for what is being written and for the engine's own files. */
const RESERVE = 128 * 1024 * 1024;

/** Of the disk with the logs and, in SQLite, the file. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(existing(folder));
  return bavail * bsize;
}

/** @throws DiskFull while little is left: reading a source would end in the middle. */
export function assertRoom({ freeBytes }: Pick<Store, 'freeBytes'>): void {
  const free = freeBytes();
  if (free >= RESERVE) return;
  throw new DiskFull(
    `${Math.floor(free / 1e6)} MB are left on the disk of Basalt's data; reading pauses below ${Math.round(RESERVE / 1e6)} MB and goes on by itself once there is room`,
  );
}

/** SQLite, also of its file beside the store; the file system; PostgreSQL. */
const FULL = ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', '53100'];

/** What an engine or the file system says when a disk is full. */
export function isDiskFull(cause: unknown): boolean {
  for (let e = cause; e instanceof Error; e = e.cause) {
    if (e instanceof DiskFull) return true;
    if ('code' in e && FULL.includes(String(e.code))) return true;
  }
  return false;
}

/** The folder, or the nearest above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}
