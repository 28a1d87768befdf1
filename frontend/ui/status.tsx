import type { ReactNode } from 'react';
import { Glyph, type Shape, type Tone } from './glyph.tsx';

/** Shape, word and colour together: none of them carries the meaning alone. */
export type Verdict = { shape: Shape; tone: Tone; word: string };

export function Status({ shape, tone, word, children }: Verdict & { children?: ReactNode }) {
  return (
    <span className={`st ${tone}`}>
      <Glyph shape={shape} />
      {word}
      {children}
    </span>
  );
}
