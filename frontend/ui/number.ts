const whole = new Intl.NumberFormat('en-US');

/** 12431 as 12,431. */
export function count(value: number): string {
  return whole.format(value);
}

/** "1 job", "2 jobs", "1,716 jobs". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A total that may be a lower bound: "1,716", "at least 10,000". */
export function total({ totalCount, totalIsExact }: { totalCount: number; totalIsExact: boolean }): string {
  return `${totalIsExact ? '' : 'at least '}${count(totalCount)}`;
}

/** A share with its number behind it: below 20 "3 of 7", above a percentage. */
export function share(part: number, total: number): string {
  if (total < 20) return `${part} of ${total}`;
  const percent = (part / total) * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** 0.175 as "18 %", 0.0003 as "under 0.1 %". */
export function percent(rate: number): string {
  const value = rate * 100;
  if (value > 0 && value < 0.1) return 'under 0.1 %';
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** 412331 as "412 kB". */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const [size, unit] = value < 1e6 ? [value / 1e3, 'kB'] : value < 1e9 ? [value / 1e6, 'MB'] : [value / 1e9, 'GB'];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
