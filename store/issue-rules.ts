/** The rules of known issues as a writer holds jobs against them: read once a transaction, compiled when they change. */
import { type CompiledRule, isOfTests } from '#analysis/known-issue.ts';
import { compilePattern, type LinearPattern } from '#analysis/linear-pattern.ts';
import type { Micros } from '#schema/records.ts';
import { readState } from './state.ts';
import type { Sql } from './store.ts';
import { fromStored } from './text.ts';

export type StoredRule = CompiledRule & { id: number; revision: number; log: LinearPattern | null };

/** `version` grows with each change of a rule; `lastId` is of the last issue, so that no number is given twice. */
export type IssueState = { version: number; lastId: number };
const STATE = 'known-issues';

export async function readIssueState(sql: Sql): Promise<IssueState> {
  return (await readState<IssueState>(sql, STATE)) ?? { version: 0, lastId: 0 };
}

export const ISSUE_STATE = STATE;

export type IssueRules = {
  /** Call inside a transaction: those of its moment. */
  current(): Promise<readonly StoredRule[]>;
  /** Those that were read last. */
  known(): readonly StoredRule[];
  /** A transaction begins. */
  forget(): void;
};

export function createIssueRules(sql: Sql): IssueRules {
  let rules: readonly StoredRule[] = [];
  let version = 0;
  let isFresh = false;
  return {
    known: () => rules,
    forget() {
      isFresh = false;
    },
    async current() {
      if (isFresh) return rules;
      const now = await readIssueState(sql);
      if (now.version !== version) rules = await readRules(sql);
      version = now.version;
      isFresh = true;
      return rules;
    },
  };
}

type Row = {
  id: number;
  revision: number;
  source: string | null;
  project: string | null;
  deviceType: string | null;
  suite: string | null;
  name: string | null;
  errorPattern: string | null;
  logPattern: string | null;
  expiresAt: Micros | null;
};

async function readRules(sql: Sql): Promise<StoredRule[]> {
  const rows = await sql.all<Row>(
    `SELECT id, revision, source, project, device_type AS "deviceType", suite, name, error_pattern AS "errorPattern",
       log_pattern AS "logPattern", expires_at AS "expiresAt" FROM known_issue ORDER BY id`,
  );
  return rows.map((row) => {
    const text = (value: string | null) => (value === null ? null : fromStored(value));
    const rule = {
      ...row,
      ...{ source: text(row.source), project: text(row.project), deviceType: text(row.deviceType) },
      ...{ suite: text(row.suite), name: text(row.name) },
      ...{ errorPattern: text(row.errorPattern), logPattern: text(row.logPattern) },
    };
    return { ...rule, error: compiled(rule.errorPattern), log: compiled(rule.logPattern) };
  });
}

/** @throws where it was saved unchecked. */
function compiled(pattern: string | null): LinearPattern | null {
  if (pattern === null) return null;
  const result = compilePattern(pattern);
  if (!result.ok) throw new Error(`a stored pattern is none: ${result.problem}`);
  return result.pattern;
}

export function needsTests(rules: readonly CompiledRule[]): boolean {
  return rules.some(isOfTests);
}
