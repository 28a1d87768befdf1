/** How often the attribution names the right one, and whether its probabilities mean what they say. */
import { type Attribution, attribute, type WeightTable } from '#analysis/attribution.ts';
import { CULPRITS } from '#analysis/attribution-weights.ts';
import type { Asked } from './ask.ts';

export const TRUTHS = [...CULPRITS, 'NOISE'] as const;
export type Truth = (typeof TRUTHS)[number];
export const SAID = [...CULPRITS, 'UNKNOWN'] as const;
export type Said = (typeof SAID)[number];

export type Answer = Asked & {
  attribution: Attribution;
  truth: Truth;
  /** Whether the most likely one, named or not, is one of the causes. */
  isRight: boolean;
  said: Said;
};

/** Of several causes the one that was named counts, else the first. */
export function judge(asked: Asked, weights?: WeightTable): Answer {
  const attribution = attribute(asked.facts, weights);
  const causes = asked.causes.map((cause): Truth => (cause === 'NOISE' ? cause : cause.culprit));
  const isRight = causes.includes(attribution.mostLikely);
  const truth = isRight ? attribution.mostLikely : (causes[0] ?? 'NOISE');
  return { ...asked, attribution, truth, isRight, said: attribution.culprit ?? 'UNKNOWN' };
}

export type Score = {
  asked: number;
  named: number;
  right: number;
  confusion: Record<Truth, Record<Said, number>>;
  /** By what was said to be how likely: how many, how likely on average, and how many were so. */
  calibration: { from: number; until: number; answers: number; predicted: number; right: number }[];
};

const EDGES = [0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01];

export function scoreOf(answers: readonly Answer[]): Score {
  const named = answers.filter(({ said }) => said !== 'UNKNOWN');
  const rows = TRUTHS.map((truth) => {
    const ofTruth = answers.filter((answer) => answer.truth === truth);
    const cells = SAID.map((said) => [said, ofTruth.filter((answer) => answer.said === said).length]);
    return [truth, Object.fromEntries(cells)];
  });
  return {
    asked: answers.length,
    named: named.length,
    right: named.filter(({ isRight }) => isRight).length,
    confusion: Object.fromEntries(rows),
    calibration: EDGES.slice(1).flatMap((until, i) => {
      const from = EDGES[i] ?? 0;
      const within = answers.filter(({ attribution: { probability: p } }) => p >= from && p < until);
      if (within.length === 0) return [];
      const predicted = within.reduce((sum, { attribution }) => sum + attribution.probability, 0) / within.length;
      return [
        { from, until, answers: within.length, predicted, right: within.filter(({ isRight }) => isRight).length },
      ];
    }),
  };
}

/** What the score falls short of, in words. An attribution that names nobody is never wrong, and no use. */
export function shortfalls({ asked, named, right }: Score, target: { right: number; named: number }): string[] {
  const missed: string[] = [];
  if (named < target.named * asked) missed.push(`${named} of ${asked} are named, fewer than ${percent(target.named)}`);
  if (right < target.right * named)
    missed.push(`${right} of ${named} named are right, fewer than ${percent(target.right)}`);
  return missed;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function nameOf(of: Truth | Said): string {
  return of.toLowerCase();
}
