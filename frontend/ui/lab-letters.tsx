export type LabVerdict = { slug: string; verdict: 'pass' | 'fail' | 'infra' | 'skip' | 'none' };

const CLASS = { pass: undefined, fail: 'f', infra: 'i', skip: 's', none: 'm' } as const;
const WORD = { pass: 'pass', fail: 'fail', infra: 'infrastructure', skip: 'skip', none: 'not run' } as const;

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

/** One square a lab, in the same order everywhere. */
export function LabLetters({ labs, all }: { labs: readonly LabVerdict[]; all: readonly string[] }) {
  const letters = shortestPrefixes(all);
  return (
    <span className="labs" role="img" aria-label={labs.map(({ slug, verdict }) => `${slug} ${WORD[verdict]}`).join(', ')}>
      {labs.map(({ slug, verdict }) => (
        <span key={slug} className={CLASS[verdict]} title={`${slug}: ${WORD[verdict]}`}>
          {verdict === 'none' ? '·' : (letters.get(slug) ?? slug)}
        </span>
      ))}
    </span>
  );
}
