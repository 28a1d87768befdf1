/** Fisher's exact test of two windows of runs, one-sided: does the sample fail more often than the base? */
import { stirlingError } from './log-beta.ts';

const LOG_TWO_PI = 1.8378770664093456;
/** A term that adds less changes nothing. */
const NEGLIGIBLE = 2 ** -60;

/**
 * The probability of as many failures in the sample or more, given all margins of the table: the right tail of the
 * hypergeometric distribution, 0 to 1, with a relative error below 1e-12 for tables of millions. Arguments are counts of
 * runs: integers, 0 or more. R. A. Fisher, The logic of inductive inference (1935).
 */
export function fisherRightTail(
  sampleFails: number,
  samplePasses: number,
  baseFails: number,
  basePasses: number,
): number {
  return Math.exp(logFisherRightTail(sampleFails, samplePasses, baseFails, basePasses));
}

/** The natural logarithm of `fisherRightTail`, which does not underflow. */
export function logFisherRightTail(
  sampleFails: number,
  samplePasses: number,
  baseFails: number,
  basePasses: number,
): number {
  for (const count of [sampleFails, samplePasses, baseFails, basePasses]) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`A count of runs is ${count}.`);
  }
  const sample = sampleFails + samplePasses;
  const fails = sampleFails + baseFails;
  const total = sample + baseFails + basePasses;
  const least = Math.max(0, fails + sample - total);
  const most = Math.min(fails, sample);
  if (sampleFails <= least) return 0;
  /** P(x + 1) / P(x) */
  const step = (x: number) => ((fails - x) / (x + 1)) * ((sample - x) / (total - fails - sample + x + 1));
  const isRight = sampleFails * total > fails * sample;
  const [from, end] = isRight ? [sampleFails, most] : [sampleFails - 1, least];
  let [sum, term] = [1, 1];
  for (let x = from; x !== end && term > sum * NEGLIGIBLE; x += isRight ? 1 : -1) {
    term *= isRight ? step(x) : 1 / step(x - 1);
    sum += term;
  }
  const tail = logHypergeometric(from, fails, total - fails, sample) + Math.log(sum);
  return isRight ? Math.min(0, tail) : Math.log1p(-Math.exp(tail));
}

/** log P(x of the `hits` among `drawn` out of `hits` and `others`), by C. Loader's saddle points (2000), as R's dhyper. */
function logHypergeometric(x: number, hits: number, others: number, drawn: number): number {
  const total = hits + others;
  const share = drawn / total;
  const rest = (total - drawn) / total;
  return (
    logBinomial(x, hits, share, rest) +
    logBinomial(drawn - x, others, share, rest) -
    logBinomial(drawn, total, share, rest)
  );
}

function logBinomial(x: number, n: number, p: number, q: number): number {
  if (p === 0) return x === 0 ? 0 : -Infinity;
  if (q === 0) return x === n ? 0 : -Infinity;
  if (x === 0) return n * (p < q ? Math.log1p(-p) : Math.log(q));
  if (x === n) return n * (q < p ? Math.log1p(-q) : Math.log(p));
  const errors = stirlingError(n) - stirlingError(x) - stirlingError(n - x);
  const size = LOG_TWO_PI + Math.log(x) + Math.log((n - x) / n);
  return errors - deviance(x, n * p) - deviance(n - x, n * q) - 0.5 * size;
}

/** x log(x / mean) + mean - x, precise where the two are near. */
function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference;
  const v = difference / (x + mean);
  let sum = difference * v;
  let power = 2 * x * v;
  for (let i = 1; ; i++) {
    power *= v * v;
    const next = sum + power / (2 * i + 1);
    if (next === sum) return sum;
    sum = next;
  }
}
