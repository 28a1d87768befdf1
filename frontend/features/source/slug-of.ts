/** Parts of a host's name that say nothing of whose master it is. */
const COMMON = new Set(['lava', 'www', 'master', 'validation', 'lava-master', 'results']);

/** A short name for the lab behind an address: "https://lava.cambridge.example/" is "cambridge". */
export function slugOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { hostname } = new URL(url);
  const isAddress = /^[\d.]+$|:/.test(hostname);
  const labels = isAddress ? [] : hostname.split('.');
  const own = labels.length > 1 ? labels.slice(0, -1) : labels;
  const name = own.find((label) => !COMMON.has(label)) ?? 'lab';
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 63) || 'lab'
  );
}
