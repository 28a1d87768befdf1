import { count } from './number.ts';

export type Counts = { pass: number; fail: number; skip: number; unknown: number; infra?: number; missing?: number };

/** Shares of results; a single failure in 100,000 stays visible. The numbers stand beside it. */
export function CountsBar({ counts, width }: { counts: Counts; width?: number }) {
  const { pass, fail, skip, unknown, infra = 0, missing = 0 } = counts;
  const total = pass + fail + skip + unknown + infra + missing;
  if (total === 0) return null;
  const parts = [
    ['bf', fail],
    ['bi', infra],
    ['bp', pass],
    ['bs', skip + unknown],
    ['bm', missing],
  ] as const;
  const words = [
    `${count(pass)} pass`,
    `${count(fail)} fail`,
    infra > 0 && `${count(infra)} infrastructure`,
    `${count(skip)} skip`,
    unknown > 0 && `${count(unknown)} unknown`,
    missing > 0 && `${count(missing)} missing`,
  ];
  return (
    <span
      className="bar"
      style={width ? { width } : undefined}
      role="img"
      aria-label={words.filter(Boolean).join(', ')}
    >
      {parts.map(
        ([name, value]) =>
          value > 0 && <i key={name} className={name} style={{ width: `${(value / total) * 100}%` }} />,
      )}
    </span>
  );
}
