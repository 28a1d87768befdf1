import type { Opened } from './ingest.ts';

export async function benchQueries(_opened: Opened, _line: (name: string, text: string) => void): Promise<void> {}
