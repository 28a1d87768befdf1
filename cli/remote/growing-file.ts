/**
 * A file that grows by whole steps, and beside it, in FILE.cursor, where the next step begins and how long the file is then.
 * Whoever is killed in a step leaves more in the file than that: it is cut off before the next.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';

const Place = z.object({
  /** What is asked, so that nothing else goes on in the same file. */
  of: z.string(),
  since: z.string().nullable(),
  cursor: z.string().nullable(),
  bytes: z.int(),
});
export type Place = z.infer<typeof Place>;

export type GrowingFile = {
  place: Place;
  append(lines: string): void;
  /** What was appended is there for good, and the next step begins at the cursor. */
  commit(cursor: string | null): void;
  close(): void;
};

/** @throws CommandFailure when it is not a file to go on with, or another process does. */
export function openGrowing(path: string, of: string, since: string | null): GrowingFile {
  const unlock = lock(path);
  try {
    const placePath = `${path}.cursor`;
    const before = readPlace(placePath);
    if (!before && existsSync(path))
      throw new CommandFailure(EXIT.usage, `${path} is there, and ${placePath} is not: name another file`);
    if (before && before.of !== of)
      throw new CommandFailure(EXIT.usage, `${path} is of ${before.of}, not of ${of}: name another file`);
    if (before && since !== null && since !== before.since)
      throw new CommandFailure(EXIT.usage, `${path} has begun: go on with --since @last, or name another file`);
    let place = before ?? { of, since, cursor: null, bytes: 0 };
    if (!before) save(placePath, place);
    const file = openSync(path, existsSync(path) || place.bytes > 0 ? 'r+' : 'w+');
    let bytes = place.bytes;
    if (fstatSync(file).size < bytes) {
      closeSync(file);
      throw new CommandFailure(EXIT.usage, `${path} is shorter than what was written: name another file`);
    }
    ftruncateSync(file, bytes);
    return {
      get place() {
        return place;
      },
      append(lines) {
        const buffer = Buffer.from(lines);
        for (let done = 0; done < buffer.length; ) done += writeSync(file, buffer, done, null, bytes + done);
        bytes += buffer.length;
      },
      commit(cursor) {
        fsyncSync(file);
        place = { ...place, cursor, bytes };
        save(placePath, place);
      },
      close() {
        closeSync(file);
        unlock();
      },
    };
  } catch (cause) {
    unlock();
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing)
      throw new CommandFailure(EXIT.usage, `${path} is gone, or its folder is not there: name another file`);
    throw cause;
  }
}

function readPlace(path: string): Place | null {
  if (!existsSync(path)) return null;
  try {
    return Place.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new CommandFailure(EXIT.usage, `${path} is not understood: name another file`);
  }
}

/** The file is there as it was or as it will be, also after a power cut. */
function save(path: string, place: Place): void {
  const part = `${path}.part`;
  const file = openSync(part, 'w');
  writeSync(file, `${JSON.stringify(place)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(part, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** One process at a time; what one that is gone has left does not count. */
function lock(path: string): () => void {
  const lockPath = `${path}.lock`;
  const take = () => writeFileSync(lockPath, String(process.pid), { flag: 'wx' });
  try {
    take();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw missing(cause, path);
    const pid = Number(readFileSync(lockPath, 'utf8'));
    if (pid > 0 && lives(pid)) throw new CommandFailure(EXIT.busy, `process ${pid} writes ${path} just now`);
    rmSync(lockPath, { force: true });
    take();
  }
  return () => rmSync(lockPath, { force: true });
}

function missing(cause: unknown, path: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  return code === null ? cause : new CommandFailure(EXIT.usage, `${path} cannot be written (${code})`);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
