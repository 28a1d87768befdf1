/** The build a job tests, as the mapping rules say. */
import { deriveBuild } from '#analysis/build-mapping.ts';
import type { Writer } from './writer.ts';

export type Place = { projectId: number; branchId: number; buildId: number };

/** Call inside a transaction; null when no rule fits. */
export async function placeInBuild(
  writer: Writer,
  source: string,
  metadata: Readonly<Record<string, string>>,
): Promise<Place | null> {
  const { rules } = await writer.rules();
  const key = deriveBuild(rules, source, metadata);
  if (!key) return null;
  const { dictionary, store } = writer;
  const projectId = await dictionary.id('project', key.project);
  const branchId = await dictionary.id('branch', projectId, key.branch);
  const buildId = await dictionary.id('build', projectId, branchId, key.build);
  if (key.commit !== null) {
    await store.sql.run(
      'UPDATE build SET "commit" = ? WHERE id = ? AND ("commit" IS NULL OR "commit" > ?)',
      key.commit,
      buildId,
      key.commit,
    );
  }
  return { projectId, branchId, buildId };
}
