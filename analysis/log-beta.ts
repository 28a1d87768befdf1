/** Logarithms of the gamma and of the beta function, for positive arguments. */

const HALF_LOG_TWO_PI = 0.9189385332046728;
/** Bernoulli's numbers over 2k (2k - 1): from 10 on they leave less than 1e-16. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
const LARGE = 10;

/**
 * What Stirling's formula lacks of the logarithm of the gamma function: logGamma(x) - (x - 1/2) log x + x - log(2 pi)/2,
 * which is that of n! as well: log n! - (n + 1/2) log n + n - log(2 pi)/2. Absolute error below 1e-15.
 */
export function stirlingError(x: number): number {
  let shifted = x;
  let error = 0;
  // stirlingError(x) - stirlingError(x + 1), which cancels less than their values do.
  for (; shifted < LARGE; shifted++) error += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
  const square = 1 / (shifted * shifted);
  return error + STIRLING.reduceRight((sum, term) => sum * square + term, 0) / shifted;
}

export function logGamma(x: number): number {
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingError(x);
}

/** log B(p, q) = logGamma(p) + logGamma(q) - logGamma(p + q), without their cancellation (as SLATEC's dlbeta does). */
export function logBeta(p: number, q: number): number {
  const [low, high] = p < q ? [p, q] : [q, p];
  const sum = low + high;
  if (high < LARGE) return logGamma(low) + logGamma(high) - logGamma(sum);
  const correction = stirlingError(high) - stirlingError(sum);
  const rest = (high - 0.5) * Math.log1p(-low / sum);
  if (low < LARGE) return logGamma(low) + correction + low - low * Math.log(sum) + rest;
  return (
    HALF_LOG_TWO_PI + stirlingError(low) + correction - 0.5 * Math.log(sum) + (low - 0.5) * Math.log(low / sum) + rest
  );
}
