/** How what was found compares with what was injected. */
type Told = { what: string; why: string };

export type Score = {
  kind: string;
  /** Injected things that were found. */
  hits: number;
  missed: Told[];
  /** What was found and had been injected; several may be of one thing. */
  right: number;
  wrong: Told[];
  /** Injected where nobody could see it: a test that did not run before or after. They count as neither. */
  unseen: Told[];
};

/** 0 to 1; 1 where nothing was injected. */
export function recallOf({ hits, missed }: Score): number {
  return hits + missed.length === 0 ? 1 : hits / (hits + missed.length);
}

/** 0 to 1; 1 where nothing was found. */
export function precisionOf({ right, wrong }: Score): number {
  return right + wrong.length === 0 ? 1 : right / (right + wrong.length);
}
