import { type Letter, lookOf } from './letters.ts';

const SHOWN: readonly (readonly [Letter, string])[] = [
  ['F', 'fail'],
  ['M', 'mixed'],
  ['I', 'infra'],
  ['S', 'skip'],
  ['U', 'unknown'],
];

export function HistoryLegend() {
  return SHOWN.map(([letter, word]) => {
    const { className, shown } = lookOf(letter);
    return (
      <span key={letter} className="key">
        <i className={className}>{shown}</i> {word}
      </span>
    );
  });
}
