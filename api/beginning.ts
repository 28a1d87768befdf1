import { InvalidInput } from '#store/error.ts';

/** Of a list without pages at most so many rows are given. */
const MOST = 1_000;

/** @throws InvalidInput for more rows than are given, or fewer than none. */
export function beginning<Row>(rows: readonly Row[], first: number): Row[] {
  if (first < 0 || first > MOST) throw new InvalidInput(`"first" is ${first}: ask for 0 to ${MOST}.`);
  return rows.slice(0, first);
}
