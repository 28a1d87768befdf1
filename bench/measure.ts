/** CPU of this process, milliseconds, user and system. Wall time is the machine's mood; CPU is ours. */
export async function cpuMs(body: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await body();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** "2.10 (1.98 to 2.20)": median and quartiles. */
export function spread(values: readonly number[], digits = 2): string {
  return `${median(values).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)} to ${quantile(values, 0.75).toFixed(digits)})`;
}
