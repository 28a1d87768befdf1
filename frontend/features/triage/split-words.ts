import type { SplitBy, SplitInput } from '../../graphql/graphql.ts';
import type { SearchParams } from '../../ui/filter.ts';

export const WAYS: readonly SplitBy[] = ['SOURCE', 'DEVICE_TYPE', 'MESSAGE'];

/** As a choice names it. */
export const WAY: Record<SplitBy, string> = { SOURCE: 'Lab', DEVICE_TYPE: 'Device type', MESSAGE: 'Message' };

/** By what a failure was split, after "by". */
export function wayOf({ splitBy, value }: { splitBy: SplitBy; value: string | null }): string {
  if (splitBy === 'MESSAGE') return `the pattern ${value} of the message`;
  const noun = splitBy === 'SOURCE' ? 'lab' : 'device type';
  return value === null ? noun : `the ${noun} ${value}`;
}

/** What the address asks to try; null where it asks for nothing. */
export function readSplit(fingerprint: string, params: SearchParams): SplitInput | null {
  const [wanted, value] = [[params.by].flat()[0], [params.value].flat()[0]];
  const by = WAYS.find((one) => one === wanted);
  return by ? { fingerprint, by, value: value?.trim() || null } : null;
}
