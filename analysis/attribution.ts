/** Board, lab, infrastructure, test or code: the evidence, added up as log odds. */
import { type Evidence, type Facts, gatherEvidence } from './attribution-evidence.ts';
import { CULPRITS, type Culprit, type EvidenceKind, NAMED_FROM, WEIGHTS, type Weights } from './attribution-weights.ts';

export type WeightTable = Readonly<Record<EvidenceKind, Weights>>;

export type Attribution = {
  /** Null when nobody is likely enough to be named. */
  culprit: Culprit | null;
  /** Of the most likely one, named or not; 0 to 1. */
  probability: number;
  mostLikely: Culprit;
  /** They add up to 1. */
  probabilities: Readonly<Record<Culprit, number>>;
  /** What speaks most for the most likely one first; `weights`: what the row adds to the log odds of each. */
  evidence: readonly (Evidence & { weights: Weights })[];
};

/** Without evidence all are as likely. Names never matter. */
export function attribute(facts: Facts, table: WeightTable = WEIGHTS): Attribution {
  return combine(gatherEvidence(facts), table);
}

export function combine(rows: readonly Evidence[], table: WeightTable = WEIGHTS): Attribution {
  const evidence = rows.map((row) => ({ ...row, weights: each((c) => row.strength * table[row.kind][c]) }));
  const odds = each((c) => evidence.reduce((sum, { weights }) => sum + weights[c], 0));
  const most = Math.max(...CULPRITS.map((c) => odds[c]));
  const total = CULPRITS.reduce((sum, c) => sum + Math.exp(odds[c] - most), 0);
  const probabilities = each((c) => Math.exp(odds[c] - most) / total);
  const mostLikely = CULPRITS.reduce((best, c) => (probabilities[c] > probabilities[best] ? c : best));
  const probability = probabilities[mostLikely];
  return {
    culprit: probability >= NAMED_FROM ? mostLikely : null,
    probability,
    mostLikely,
    probabilities,
    evidence: evidence.toSorted((a, b) => b.weights[mostLikely] - a.weights[mostLikely] || (a.kind < b.kind ? -1 : 1)),
  };
}

function each(of: (culprit: Culprit) => number): Record<Culprit, number> {
  return {
    BOARD: of('BOARD'),
    LAB: of('LAB'),
    INFRASTRUCTURE: of('INFRASTRUCTURE'),
    TEST: of('TEST'),
    CODE: of('CODE'),
  };
}
