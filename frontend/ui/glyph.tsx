export type Shape =
  | 'pass'
  | 'fail'
  | 'infra'
  | 'skipped'
  | 'unknown'
  | 'run'
  | 'cancel'
  | 'inc'
  | 'warn'
  | 'queued'
  | 'differ';
export type Tone = 'pass' | 'fail' | 'infra' | 'skipped' | 'unknown' | 'run' | 'cancel' | 'warn' | 'faint';

/** A status shape of 12 px. Never alone: a word or a number stands beside it. */
export function Glyph({ shape, tone }: { shape: Shape; tone?: Tone }) {
  return (
    <svg className={tone ? `g ${tone}` : 'g'} aria-hidden="true">
      <use href={`#g-${shape}`} />
    </svg>
  );
}

export type IconName =
  | 'search'
  | 'chev'
  | 'x'
  | 'plus'
  | 'link'
  | 'code'
  | 'down'
  | 'sun'
  | 'moon'
  | 'ext'
  | 'wrap'
  | 'refresh'
  | 'check'
  | 'copy'
  | 'left'
  | 'right'
  | 'swap';

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="i" aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  );
}
