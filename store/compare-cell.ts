/** One suite on one device type in two builds: what each case comes to on either side, and what has become of it. */
import { TRANSITIONS, transitionOf } from '#analysis/transition.ts';
import type { TestResult } from '#schema/records.ts';
import type { CaseIndex } from './case-index.ts';
import { eachNonPass, PASS, RESULTS, type Verdict } from './codec.ts';
import type { Pairing, SideRun } from './compare-runs.ts';

/** Weights by number of the case. */
export type Weights = { base: Uint8Array; target: Uint8Array };

export type Cell = {
  pairing: Pairing;
  index: CaseIndex;
  weights: Weights;
  /** In the order of TRANSITIONS. */
  counts: readonly number[];
  /** Cases with a result on both sides. */
  pairs: number;
};

/** Of several results of a case the one with most weight counts, so that a lab that skips a test hides no other. */
const ORDER = ['SKIP', 'UNKNOWN', 'PASS', 'FAIL'] as const;
const NO_RESULT = 0;
const WEIGHTS = RESULTS.map((result) => ORDER.indexOf(result) + 1);

export function weightOf(verdict: Verdict): number {
  return WEIGHTS[verdict] ?? NO_RESULT;
}

export function resultOfWeight(weight: number): TestResult | null {
  return ORDER[weight - 1] ?? null;
}

const SIDES = ORDER.length + 1;
/** Index into TRANSITIONS by the weights of base and target; -1 for none. */
const KINDS = Int8Array.from({ length: SIDES * SIDES }, (_, i) => {
  const transition = transitionOf(resultOfWeight(Math.floor(i / SIDES)), resultOfWeight(i % SIDES));
  return transition ? TRANSITIONS.indexOf(transition) : -1;
});

/** Index into TRANSITIONS of what has become of a case; -1 for nothing. */
export function kindOf({ base, target }: Weights, n: number): number {
  return KINDS[(base[n] ?? NO_RESULT) * SIDES + (target[n] ?? NO_RESULT)] ?? -1;
}

export function weigh(index: CaseIndex, runs: readonly SideRun[]): Uint8Array {
  const weights = new Uint8Array(index.size);
  for (const { shapeId, verdicts } of runs) {
    const cases = index.casesOf(shapeId);
    let from = 0;
    const put = (end: number, weight: number) => {
      for (; from < end; from++) {
        const n = cases[from] ?? 0;
        if ((weights[n] ?? 0) < weight) weights[n] = weight;
      }
    };
    eachNonPass(verdicts, (position, verdict) => {
      put(position, weightOf(PASS));
      put(position + 1, weightOf(verdict));
    });
    put(cases.length, weightOf(PASS));
  }
  return weights;
}

export function countTransitions(weights: Weights): Pick<Cell, 'counts' | 'pairs'> {
  const counts = TRANSITIONS.map(() => 0);
  let pairs = 0;
  for (let n = 0; n < weights.base.length; n++) {
    if (weights.base[n] !== NO_RESULT && weights.target[n] !== NO_RESULT) pairs += 1;
    const kind = kindOf(weights, n);
    if (kind >= 0) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return { counts, pairs };
}
