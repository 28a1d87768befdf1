/** Submitters by the names that admins gave them; resolved where jobs are read. */
import { type SQL, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import { toStored } from './text.ts';

const { job, source, submitter } = tables;

/** The alias for the source, the one for all, or the name itself; each is one row by the key. */
const here = (name: SQL, slug: SQL) => {
  const aliasOf = (of: SQL) =>
    sql`(SELECT a.alias FROM name_alias a WHERE a.kind = 'SUBMITTER' AND a.source = ${of} AND a.name = ${name})`;
  return sql<string | null>`coalesce(${aliasOf(slug)}, ${aliasOf(sql`''`)}, ${name})`;
};

/** Name of a submitter here, of a query that has source and submitter. */
export const SUBMITTER_HERE = here(sql`${submitter.name}`, sql`${source.slug}`);

/** Jobs of whoever has one of the names, here or in the job's lab; none without a name. */
export function isSubmittedBy(names: readonly string[]): SQL {
  if (names.length === 0) return sql`1 = 0`;
  const given = sql.join(
    names.map((name) => sql`${toStored(name)}`),
    sql`, `,
  );
  return sql`EXISTS (SELECT 1 FROM submitter b, source s WHERE b.id = ${job.submitterId} AND s.id = ${job.sourceId}
    AND (b.name IN (${given}) OR ${here(sql`b.name`, sql`s.slug`)} IN (${given})))`;
}
