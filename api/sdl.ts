/** The contract as text: of the tree, and as it was published last. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCHEMA = join(import.meta.dirname, '../schema');
const FOLDER = join(SCHEMA, 'graphql');

export const PUBLISHED = join(SCHEMA, 'schema.graphql');

export function readSdl(): string {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
    .join('\n');
}
