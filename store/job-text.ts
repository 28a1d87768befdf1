/** The texts of a job that only its own page shows: definition and metadata, packed. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

export type JobText = { definition: string; metadata: Record<string, string>; plannedSuites: string[] };

export function packJobText(text: JobText): Buffer {
  return zstdCompressSync(Buffer.from(JSON.stringify(text)));
}

export function unpackJobText(body: Uint8Array): JobText {
  return JSON.parse(zstdDecompressSync(body).toString('utf8')) as JobText;
}
