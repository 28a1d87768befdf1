/** Right tails of the normal distribution and of Student's t, with relative errors below 1e-12. */
import { logBeta } from './log-beta.ts';

const TINY = 1e-300;
const MOST_STEPS = 500;

/** P(Z >= z) of the standard normal distribution. */
export function normalTail(z: number): number {
  return z < 0 ? 1 - normalTail(-z) : erfc(z / Math.SQRT2) / 2;
}

/** P(|T| >= |t|) of Student's t with as many degrees of freedom. */
export function studentTwoSided(t: number, degrees: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5, (t * t) / (degrees + t * t));
}

/** For x >= 0: its series near 0, Lentz's continued fraction beyond. */
function erfc(x: number): number {
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let [sum, term] = [0, 2 * x];
    for (let n = 1; sum + term !== sum; n++) {
      sum += term;
      term *= (2 * x * x) / (2 * n + 1);
    }
    return 1 - scale * sum;
  }
  return (
    scale /
    continued(
      x,
      (n) => n / 2,
      () => x,
    )
  );
}

/** b + a(1) / (b(1) + a(2) / (b(2) + ...)) */
function continued(b: number, a: (n: number) => number, next: (n: number) => number): number {
  let [value, c, d] = [b || TINY, b || TINY, 0];
  for (let n = 1; n < MOST_STEPS; n++) {
    d = 1 / (next(n) + a(n) * d || TINY);
    c = next(n) + a(n) / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return value;
}

/** Regularised; `rest` is 1 - x, given apart because it cancels. */
function incompleteBeta(x: number, p: number, q: number, rest: number): number {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  if (x > (p + 1) / (p + q + 2)) return 1 - incompleteBeta(rest, q, p, x);
  const front = Math.exp(p * Math.log(x) + q * Math.log(rest) - logBeta(p, q)) / p;
  const a = (n: number) => {
    const m = Math.floor(n / 2);
    return n % 2 === 0
      ? (m * (q - m) * x) / ((p + n - 1) * (p + n))
      : (-(p + m) * (p + q + m) * x) / ((p + n - 1) * (p + n));
  };
  return front / continued(1, a, () => 1);
}
