/** The state of a filter bar. It lives in the URL alone: OR within a key, AND between keys. */

export type Option = { value: string; label: string };

export type Field = {
  key: string;
  label: string;
  kind: 'text' | 'many' | 'flag' | 'day';
  /** The values `many` may take; without them any value is known. */
  options?: readonly Option[];
  /** The key without which this one means nothing. */
  needs?: string;
  hint?: string;
};

export type SearchParams = Record<string, string | string[] | undefined>;
export type Filters = Readonly<Record<string, readonly string[]>>;

/** What the URL says, empty values left out. Unknown values are kept: they stay visible as a chip. */
export function readFilters(fields: readonly Field[], params: SearchParams): Filters {
  const filters: Record<string, string[]> = {};
  for (const { key, kind } of fields) {
    const values = [params[key] ?? []].flat().filter((value) => value.trim() !== '');
    if (values.length > 0) filters[key] = kind === 'many' ? [...new Set(values)] : values.slice(0, 1);
  }
  return filters;
}

/** False when the API cannot be asked for it. */
export function isKnown({ kind, options }: Field, value: string): boolean {
  if (kind === 'day') return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
  if (kind === 'flag') return value === '1';
  return options === undefined || options.some((option) => option.value === value);
}

/** The key that the field lacks to mean something, or null. */
export function lacking({ needs }: Field, filters: Filters): string | null {
  return needs !== undefined && !filters[needs] ? needs : null;
}

/** The values of a key that the API can be asked for; undefined when there are none. */
export function known(fields: readonly Field[], filters: Filters, key: string): string[] | undefined {
  const field = fields.find((one) => one.key === key);
  const values = filters[key]?.filter((value) => field && isKnown(field, value) && !lacking(field, filters));
  return values?.length ? values : undefined;
}

export function toHref(path: string, filters: Filters, extra: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [key, values] of Object.entries(filters)) for (const value of values) query.append(key, value);
  for (const [key, value] of Object.entries(extra)) if (value !== undefined) query.set(key, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export function without(filters: Filters, key: string, value?: string): Filters {
  const { [key]: values = [], ...rest } = filters;
  const left = value === undefined ? [] : values.filter((one) => one !== value);
  return left.length > 0 ? { ...rest, [key]: left } : rest;
}

export function withValue(filters: Filters, key: string, ...values: string[]): Filters {
  return { ...filters, [key]: values };
}
