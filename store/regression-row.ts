/** A test that began to fail, what is asked of it, and its place in a list. */
import type { RegressionFacts, RegressionStatus, Window } from '#analysis/regression-rule.ts';
import type { CaseName } from './codec.ts';
import type { Scope } from './environment.ts';
import type { Key } from './page.ts';
import type { BranchFilter, Span } from './turn-to-fail.ts';

export type BaselinePolicy = {
  /** Days before the first failure whose runs are the base. */
  baseDays: number;
  minFails: number;
  /** Percentage points. */
  pity: number;
  /** Percent. */
  confidence: number;
};

export const BASELINE: BaselinePolicy = { baseDays: 30, minFails: 3, pity: 5, confidence: 95 };

export type RegressionFilter = BranchFilter & {
  scope: Pick<Scope, 'sources' | 'deviceTypes' | 'includeHealthChecks'>;
  /** Seconds: began to fail within. */
  span: Span;
  /** Runs submitted from here on (seconds) are not looked at. */
  until: number;
  /** Still failing (true), fixed (false), or both. */
  open?: boolean | null;
  statuses: readonly RegressionStatus[];
  /** This test alone. */
  test?: (CaseName & { suite: string }) | null;
};

export type RegressionRow = CaseName &
  RegressionFacts & {
    /** Seconds: submission of the run at which it began. */
    at: number;
    project: string;
    branch: string;
    suite: string;
    deviceType: string;
    lastGoodId: number;
    firstBadId: number;
    fixedInId: number | null;
    failingBuilds: number;
    /** Labs of which the newest run of one of these builds fails. */
    failingSourceIds: number[];
    sample: Window;
    base: Window;
    /** Where its own runs are too few: those of all branches on the device type, by which it is judged; else null. */
    overBranches: { sample: Window; base: Window } | null;
    /** Stays open with less confidence, because it was significant at an earlier build. */
    isHeld: boolean;
    caseId: number;
    /** Of the first run that fails in one of these builds. */
    failingJobId: number;
    /** How likely so bad a stretch is of a test that fails by chance as this one does elsewhere; null where it does not. */
    flakeChance: number | null;
    /** Builds of which the change is one with 99 % probability, oldest first. */
    suspectIds: number[];
    /** Benjamini and Hochberg's, over all that was judged for the page. */
    q: number;
  };

/** The newest first, then by name. */
export function regressionKey(row: Omit<RegressionRow, 'q' | keyof RegressionFacts>): Key {
  const { at, project, branch, suite, name, set, deviceType } = row;
  return [-at, project, branch, suite, name, set === null ? 0 : 1, set ?? '', deviceType];
}
