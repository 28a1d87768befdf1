/** What the verdicts of one test say together. A verdict is PASS, FAIL, SKIP or UNKNOWN; a series is in order of time. */
import { wilson } from './wilson.ts';

export type SeriesFacts = {
  /** Passes among passes and failures; null without either. */
  passRate: number | null;
  /** Neighbours that differ among all neighbours of a series; null without neighbours. */
  flipRate: number | null;
  /** Of flipRate: see wilson. */
  flakeInterval: [number, number] | null;
};

export function describeSeries(series: Iterable<readonly string[]>): SeriesFacts {
  let [passes, failures, flips, pairs] = [0, 0, 0, 0];
  for (const verdicts of series) {
    for (const [i, verdict] of verdicts.entries()) {
      if (verdict === 'PASS') passes += 1;
      if (verdict === 'FAIL') failures += 1;
      if (i === 0) continue;
      pairs += 1;
      if (verdict !== verdicts[i - 1]) flips += 1;
    }
  }
  return {
    passRate: passes + failures === 0 ? null : passes / (passes + failures),
    flipRate: pairs === 0 ? null : flips / pairs,
    flakeInterval: wilson(flips, pairs),
  };
}
