/** What must be there because a visible row refers to it; its absence is our defect, not the caller's. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a visible row refers to a ${what} that is not there`);
  return value;
}
