/** The rules of known issues as a writer holds jobs against them: read once a transaction, compiled when they change. */
import { compileRule } from '#analysis/compile-rule.ts';
import { type CompiledRule, isOfTests } from '#analysis/known-issue.ts';
import type { Micros } from '#schema/records.ts';
import { readState } from './state.ts';
import type { Sql } from './store.ts';
import { fromStored } from './text.ts';

export type StoredRule = CompiledRule & { id: number; revision: number };

/** One that cannot be run, as after another engine refuses its pattern: no job is held against it until it is changed. */
export type BrokenRule = { id: number; revision: number; problem: string };

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
  /** Of those that were read last, the ones that were left out. */
  broken(): readonly BrokenRule[];
  /** A transaction begins. */
  forget(): void;
};

export function createIssueRules(sql: Sql): IssueRules {
  let rules: readonly StoredRule[] = [];
  let broken: readonly BrokenRule[] = [];
  let version = 0;
  let isFresh = false;
  return {
    known: () => rules,
    broken: () => broken,
    forget() {
      isFresh = false;
    },
    async current() {
      if (isFresh) return rules;
      const now = await readIssueState(sql);
      if (now.version !== version) ({ rules, broken } = await readRules(sql));
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

async function readRules(sql: Sql): Promise<{ rules: StoredRule[]; broken: BrokenRule[] }> {
  const [rules, broken]: [StoredRule[], BrokenRule[]] = [[], []];
  const rows = await sql.all<Row>(
    `SELECT id, revision, source, project, device_type AS "deviceType", suite, name, error_pattern AS "errorPattern",
       log_pattern AS "logPattern", expires_at AS "expiresAt" FROM known_issue ORDER BY id`,
  );
  const text = (value: string | null) => (value === null ? null : fromStored(value));
  for (const { id, revision, expiresAt, ...row } of rows) {
    const { rule, problems } = compileRule({
      expiresAt,
      ...{ source: text(row.source), project: text(row.project), deviceType: text(row.deviceType) },
      ...{ suite: text(row.suite), name: text(row.name) },
      ...{ errorPattern: text(row.errorPattern), logPattern: text(row.logPattern) },
    });
    if (rule) rules.push({ ...rule, id, revision });
    else broken.push({ id, revision, problem: problems.map(({ message }) => message).join(' ') });
  }
  return { rules, broken };
}

export function needsTests(rules: readonly CompiledRule[]): boolean {
  return rules.some(isOfTests);
}
