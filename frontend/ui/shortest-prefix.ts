/** The shortest beginning that tells a name from all the others: alpha, beta, berlin as a, bet, ber. */
export function shortestPrefixes(names: readonly string[]): Map<string, string> {
  const prefix = (name: string) => {
    for (let length = 1; length < name.length; length++) {
      const start = name.slice(0, length);
      if (names.every((other) => other === name || !other.startsWith(start))) return start;
    }
    return name;
  };
  return new Map(names.map((name) => [name, prefix(name)]));
}
