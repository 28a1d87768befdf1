/** Sources that read one master, by two addresses or two tokens: everything of it counts twice. */
import type { Store } from './store.ts';

const NEWEST = 100;
/** No two masters give so many jobs the same number in the same microsecond. */
const TELLING = 3;

export type SameMaster = { one: string; other: string; jobs: number };

/** Each pair once. Reads every row of jobs: for checks, not for pages. */
export async function listSameMasters({ sql }: Store): Promise<SameMaster[]> {
  const sources = await sql.all<{ id: number; slug: string; epoch: number }>(
    'SELECT id, slug, epoch FROM source WHERE configured = 1 ORDER BY slug',
  );
  const found: SameMaster[] = [];
  for (const { id, slug, epoch } of sources) {
    const others = await sql.all<{ slug: string; jobs: number }>(
      `SELECT o.slug, count(*) AS jobs
       FROM (SELECT external_id, submit_at FROM job WHERE source_id = ? AND epoch = ? ORDER BY submit_at DESC LIMIT ${NEWEST}) m
       CROSS JOIN source o
       JOIN job j ON j.source_id = o.id AND j.epoch = o.epoch AND j.external_id = m.external_id AND j.submit_at = m.submit_at
       WHERE o.id <> ? AND o.configured = 1 GROUP BY o.slug ORDER BY o.slug`,
      id,
      epoch,
      id,
    );
    for (const other of others) {
      const isKnown = found.some((pair) => pair.one === other.slug && pair.other === slug);
      const jobs = Number(other.jobs);
      if (jobs >= TELLING && !isKnown) found.push({ one: slug, other: other.slug, jobs });
    }
  }
  return found;
}
