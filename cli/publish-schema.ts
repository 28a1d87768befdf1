/**
 * Brings the published contract up to date: `npm run schema`. What breaks clients needs a reason in
 * schema/breaking-changes.json, which goes with the publication into docs/operations/api-changes.md.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { diffSchema } from '#api/published-schema.ts';
import { PUBLISHED, readSdl } from '#api/sdl.ts';

const root = join(import.meta.dirname, '..');
const REASONS = join(root, 'schema/breaking-changes.json');
const CHANGES = join(root, 'docs/operations/api-changes.md');
const Reasons = z.array(z.strictObject({ change: z.string().min(1), why: z.string().trim().min(1) }));

const reasons = Reasons.parse(JSON.parse(readFileSync(REASONS, 'utf8')));
const diff = diffSchema(readFileSync(PUBLISHED, 'utf8'), readSdl(), reasons);

for (const description of diff.noticeable) console.log(`clients may notice: ${description}`);
for (const change of diff.pointless) console.error(`nothing of that kind happens: ${JSON.stringify(change)}`);
if (diff.refused.length > 0) {
  console.error('These break clients. Take them back, deprecate first, or say why in schema/breaking-changes.json:');
  console.error(
    JSON.stringify(
      diff.refused.map((change) => ({ change, why: '' })),
      null,
      2,
    ),
  );
}
if (diff.refused.length > 0 || diff.pointless.length > 0) process.exit(1);

if (!diff.isCurrent) {
  const today = new Date().toISOString().slice(0, 10);
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = diff.accepted.map(({ change, why }) => `| ${today} | ${cell(change)} | ${cell(why)} |\n`);
  appendFileSync(CHANGES, rows.join(''));
  writeFileSync(REASONS, '[]\n');
  writeFileSync(PUBLISHED, diff.text);
  console.log('schema/schema.graphql is published anew.');
}
