/** "61.2000000000" and "usec" as "61.2 usec": no digit is lost that says something. */
export function measurement(value: string, units: string | null): string {
  const short = value.includes('.') ? value.replace(/0+$/, '').replace(/\.$/, '') : value;
  return units ? `${short} ${units}` : short;
}
