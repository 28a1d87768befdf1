/** What an alias would make one. Nothing is changed. */
import type { Viewer } from '#schema/viewer.ts';
import { type Alias, type AliasKind, calledHere, readAliases } from './name-alias.ts';
import type { Sql, Store } from './store.ts';
import { fromStored } from './text.ts';
import { adminOf } from './visibility.ts';

export type AliasTrial = {
  /** Jobs that would be called otherwise, and the labs they are of. */
  jobs: number;
  /** Whether these are all: of submitters the newest 10,000 jobs are looked at. */
  isWhole: boolean;
  sources: string[];
  /** Names, as they are told apart here now, that would be one. */
  together: string[];
};

const NEWEST = 10_000;

type Counted = { source: string; own: string; jobs: number };

/** @throws Forbidden for everybody but an admin: private jobs are counted. */
export async function tryAlias(store: Store, viewer: Viewer, given: Alias): Promise<AliasTrial> {
  adminOf(viewer);
  const { sql } = store;
  const now = await readAliases(sql, given.kind);
  const counted = await COUNT[given.kind](sql);
  const affected = counted.filter(
    ({ source, own }) => calledHere(now, source, own) !== calledHere([...now, given], source, own),
  );
  const together = counted.filter(({ source, own }) => calledHere([...now, given], source, own) === given.alias);
  return {
    jobs: affected.reduce((sum, { jobs }) => sum + jobs, 0),
    isWhole: given.kind === 'DEVICE_TYPE' || counted.reduce((sum, { jobs }) => sum + jobs, 0) < NEWEST,
    sources: [...new Set(affected.map(({ source }) => source))].sort(),
    together: [...new Set(together.map(({ source, own }) => calledHere(now, source, own)))].sort(),
  };
}

const read = async (sql: Sql, query: string): Promise<Counted[]> =>
  (await sql.all<Counted>(query)).map(({ source, own, jobs }) => ({
    source: fromStored(source),
    own: fromStored(own),
    jobs,
  }));

/** Jobs by source and name there. */
const COUNT: Record<AliasKind, (sql: Sql) => Promise<Counted[]>> = {
  DEVICE_TYPE: (sql) =>
    read(
      sql,
      `SELECT s.slug AS source, o.name AS own, coalesce(sum(d.complete + d.incomplete + d.canceled + d.running), 0) AS jobs
       FROM env e JOIN source s ON s.id = e.source_id JOIN device_type o ON o.id = e.own_device_type_id
         LEFT JOIN env_day d ON d.env_id = e.id
       WHERE o.name <> '' GROUP BY s.slug, o.name`,
    ),
  SUBMITTER: (sql) =>
    read(
      sql,
      `SELECT s.slug AS source, b.name AS own, count(*) AS jobs
       FROM (SELECT source_id, submitter_id FROM job ORDER BY id DESC LIMIT ${NEWEST}) j
         JOIN source s ON s.id = j.source_id JOIN submitter b ON b.id = j.submitter_id GROUP BY s.slug, b.name`,
    ),
};

/** Other names that masters themselves give their device types, where jobs or boards have them as a type of its own. */
export async function suggestAliases({ sql }: Store, viewer: Viewer): Promise<Alias[]> {
  adminOf(viewer);
  const rows = await sql.all<{ source: string; name: string; aliases: string }>(
    `SELECT s.slug AS source, t.name, d.aliases FROM source_device_type d JOIN source s ON s.id = d.source_id
       JOIN device_type t ON t.id = d.device_type_id WHERE d.gone_at IS NULL AND d.aliases <> '[]' ORDER BY t.name, s.slug`,
  );
  const used = new Set((await COUNT.DEVICE_TYPE(sql)).map(({ own }) => own));
  const now = await readAliases(sql, 'DEVICE_TYPE');
  const seen = new Set<string>();
  return rows.flatMap(({ name: stored, aliases }) => {
    const alias = fromStored(stored);
    const others: unknown = JSON.parse(aliases);
    return (Array.isArray(others) ? others.map(String).map(fromStored) : []).flatMap((name): Alias[] => {
      if (name === alias || !used.has(name) || seen.has(name) || now.some((one) => one.name === name)) return [];
      seen.add(name);
      return [{ kind: 'DEVICE_TYPE', source: '', name, alias }];
    });
  });
}
