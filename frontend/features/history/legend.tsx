import { type Letter, lookOf } from './letters.ts';

const SHOWN: readonly (readonly [Letter, string])[] = [
  ['F', 'fail'],
  ['M', 'mixed'],
  ['I', 'infra'],
  ['S', 'skip'],
  ['U', 'unknown'],
];

/** `hasLost`: whether cells may stand for what a lab kept from running. */
export function HistoryLegend({ hasLost }: { hasLost: boolean }) {
  return SHOWN.filter(([letter]) => hasLost || letter !== 'I').map(([letter, word]) => (
    <span key={letter} className="key">
      <i className={`hc ${lookOf(letter).className}`} /> {word}
    </span>
  ));
}
