/** Splits of failure groups as a writer puts failures into their parts: read once a transaction, compiled when they change. */
import type { CompiledSplit, Split } from '#analysis/group-split.ts';
import { compilePattern } from '#analysis/linear-pattern.ts';
import { readState, saveState } from './state.ts';
import type { Sql } from './store.ts';
import { fromStored, toStored } from './text.ts';

/** Of an occurrence in a group. */
export type SplitPosition = readonly [groupId: number, envId: number, at: number, jobId: number];
/** A group whose failures, and those of its parts, are to be put anew where splits say; groups after `lastId` are right. */
export type PendingSplit = { fingerprint: string; lastId: number; after: SplitPosition };
/** `version` grows with each change of a split. */
type SplitState = { version: number; pending: PendingSplit[] };
const STATE = 'group-splits';
const FIRST: SplitPosition = [0, 0, Number.MIN_SAFE_INTEGER, 0];

export async function readSplitState(sql: Sql): Promise<SplitState> {
  return (await readState<SplitState>(sql, STATE)) ?? { version: 0, pending: [] };
}

/** Call inside the transaction that changed the group's splits, or what they go by, and in which nobody else writes. */
export async function splitAnew(sql: Sql, fingerprints: readonly string[]): Promise<void> {
  const { version, pending } = await readSplitState(sql);
  const row = await sql.get<{ id: number | null }>('SELECT max(id) AS id FROM failure_group');
  const anew = fingerprints.map((fingerprint) => ({ fingerprint, lastId: row?.id ?? 0, after: FIRST }));
  const rest = pending.filter((one) => !fingerprints.includes(one.fingerprint));
  await saveState(sql, STATE, { version: version + 1, pending: [...rest, ...anew] } satisfies SplitState);
}

/** Call inside the transaction that put failures where they belong. Null: there are none left. */
export async function saveSplitProgress(sql: Sql, done: PendingSplit, after: SplitPosition | null): Promise<void> {
  const { version, pending } = await readSplitState(sql);
  const next = pending.flatMap((one) =>
    one.fingerprint !== done.fingerprint ? [one] : after === null ? [] : [{ ...one, after }],
  );
  await saveState(sql, STATE, { version, pending: next } satisfies SplitState);
}

/** As kept: the split, and why it was made. */
export type KeptSplit = Split & { reason: string };

export const packSplit = (split: KeptSplit) => toStored(JSON.stringify(split));
export const unpackSplit = (stored: string): KeptSplit => JSON.parse(fromStored(stored));

export type SplitRules = {
  /** Call inside a transaction: splits of its moment by the group that is split, the oldest first. */
  current(): Promise<ReadonlyMap<string, readonly CompiledSplit[]>>;
  /** Call inside a transaction: names by which failures of an environment are told apart. */
  placeOf(envId: number): Promise<{ source: string; deviceType: string }>;
  /** A transaction begins. */
  forget(): void;
};

export function createSplitRules(sql: Sql): SplitRules {
  let rules: ReadonlyMap<string, readonly CompiledSplit[]> = new Map();
  let version = 0;
  let isFresh = false;
  const places = new Map<number, { source: string; deviceType: string }>();
  return {
    forget() {
      isFresh = false;
      places.clear();
    },
    async current() {
      if (isFresh) return rules;
      const now = await readSplitState(sql);
      if (now.version !== version) rules = await readSplits(sql);
      version = now.version;
      isFresh = true;
      return rules;
    },
    async placeOf(envId) {
      const known = places.get(envId);
      if (known) return known;
      const row = await sql.get<{ source: string; deviceType: string }>(
        `SELECT s.slug AS source, t.name AS "deviceType" FROM env e JOIN source s ON s.id = e.source_id
         JOIN device_type t ON t.id = e.device_type_id WHERE e.id = ?`,
        envId,
      );
      if (!row) throw new Error(`no environment ${envId}`);
      const place = { source: fromStored(row.source), deviceType: fromStored(row.deviceType) };
      places.set(envId, place);
      return place;
    },
  };
}

async function readSplits(sql: Sql): Promise<Map<string, CompiledSplit[]>> {
  const rows = await sql.all<{ fingerprint: string; split: string }>(
    "SELECT fingerprint, split FROM group_rule WHERE kind = 'SPLIT' ORDER BY id",
  );
  const rules = rows.map(({ fingerprint, split }) => ({ fingerprint, split: compileSplit(unpackSplit(split)) }));
  return new Map(
    [...Map.groupBy(rules, (one) => fromStored(one.fingerprint))].map(([fingerprint, some]) => [
      fingerprint,
      some.map(({ split }) => split),
    ]),
  );
}

/** @throws where its pattern was not checked. */
export function compileSplit({ by, value }: Split): CompiledSplit {
  if (by !== 'MESSAGE' || value === null) return { by, value, pattern: null };
  const compiled = compilePattern(value);
  if (!compiled.ok) throw new Error(`the pattern of a split is none: ${compiled.problem}`);
  return { by, value, pattern: compiled.pattern };
}

/** Call where a device type is called otherwise here, inside a transaction in which nobody else writes. */
export async function splitTypesAnew(sql: Sql): Promise<void> {
  const rows = await sql.all<{ fingerprint: string; split: string }>(
    "SELECT fingerprint, split FROM group_rule WHERE kind = 'SPLIT'",
  );
  const byType = rows.filter(({ split }) => unpackSplit(split).by === 'DEVICE_TYPE');
  if (byType.length > 0) await splitAnew(sql, [...new Set(byType.map(({ fingerprint }) => fromStored(fingerprint)))]);
}
