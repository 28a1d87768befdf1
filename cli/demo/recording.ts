/** A recorded master: every row as the bytes it was written with, so that nothing is lost in between. */
import { readFileSync, writeFileSync } from 'node:fs';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';

const Rows = z.array(z.string());

export const Recording = z.object({
  name: z.string(),
  recordedAt: z.string(),
  /** JSON text of the answers of system/version, system/whoami and system/master_config. */
  system: z.object({ version: z.string(), whoami: z.string(), master_config: z.string() }),
  /** JSON text of every row. */
  lists: z.object({ workers: Rows, devices: Rows, devicetypes: Rows, aliases: Rows, tags: Rows, jobs: Rows }),
  /** Keys of the rows that a visitor without credentials gets. */
  anonymous: z.object({ devices: Rows, devicetypes: Rows, jobs: z.array(z.int()) }),
  /** By job. */
  suites: z.record(z.string(), Rows),
  tests: z.record(z.string(), Rows),
  /** Text of the log (bytes as latin1), or null where the master has none. */
  logs: z.record(z.string(), z.string().nullable()),
});
export type Recording = z.infer<typeof Recording>;

export function readRecording(path: string): Recording {
  return Recording.parse(JSON.parse(zstdDecompressSync(readFileSync(path)).toString('utf8')));
}

export function writeRecording(path: string, recording: Recording): number {
  const body = zstdCompressSync(Buffer.from(JSON.stringify(recording)), {
    params: { [LEVEL]: 19, [WINDOW_LOG]: 24 },
  });
  writeFileSync(path, body);
  return body.length;
}

/** zstd's parameters by number: compression level and window. */
const LEVEL = 100;
const WINDOW_LOG = 101;
