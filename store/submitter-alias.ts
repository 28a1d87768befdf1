/** Submitters by the names that admins gave them; resolved where jobs are read. */
import { type SQL, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import { toStored } from './text.ts';

const { job, source, submitter } = tables;

/** Name of a submitter here, of a query that has job, source and submitter: the alias for its source, the one for all, or its own. */
export const SUBMITTER_HERE = sql<
  string | null
>`coalesce((SELECT a.alias FROM name_alias a WHERE a.kind = 'SUBMITTER' AND a.name = ${submitter.name}
    AND a.source IN (${source.slug}, '') ORDER BY a.source DESC LIMIT 1), ${submitter.name})`;

/** Jobs of whoever has one of the names, here or in the job's lab. */
export function isSubmittedBy(names: readonly string[]): SQL {
  const given = sql.join(
    names.map((name) => sql`${toStored(name)}`),
    sql`, `,
  );
  const here = sql`coalesce((SELECT a.alias FROM name_alias a WHERE a.kind = 'SUBMITTER' AND a.name = b.name
    AND a.source IN (s.slug, '') ORDER BY a.source DESC LIMIT 1), b.name)`;
  return sql`EXISTS (SELECT 1 FROM submitter b, source s WHERE b.id = ${job.submitterId} AND s.id = ${job.sourceId}
    AND (b.name IN (${given}) OR ${here} IN (${given})))`;
}
