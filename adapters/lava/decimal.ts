const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** The number with so many decimal places, ties to the even digit, as the REST API writes it; null when it is none. */
export function toPlaces(text: string, places: number): string | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = places - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideToEven(digits, 10n ** BigInt(-shift));
  const padded = scaled.toString().padStart(places + 1, '0');
  return `${sign === '-' ? '-' : ''}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

function divideToEven(digits: bigint, by: bigint): bigint {
  const [quotient, twice] = [digits / by, (digits % by) * 2n];
  return twice > by || (twice === by && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
