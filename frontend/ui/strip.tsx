export type Mark = 'pass' | 'fail' | 'infra' | 'skip' | 'none';

const CLASS = { pass: undefined, fail: 'f', infra: 'i', skip: 's', none: 'm' } as const;
const WORD = { pass: 'pass', fail: 'fail', infra: 'infrastructure', skip: 'skip', none: 'not run' } as const;

/** The last runs, oldest left; height is meaning: low is pass, full is fail, hollow is infrastructure. */
export function Strip({ marks }: { marks: readonly Mark[] }) {
  const counts = Map.groupBy(marks, (mark) => mark);
  const words = [...counts].map(([mark, list]) => `${list.length} ${WORD[mark]}`);
  return (
    <span className="strip" role="img" aria-label={`oldest first: ${words.join(', ')}`}>
      {marks.map((mark, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a mark has no identity but its place
        <i key={i} className={CLASS[mark]} />
      ))}
    </span>
  );
}
