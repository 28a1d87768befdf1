import type { ReactNode } from 'react';
import { Glyph } from './glyph.tsx';

/** One amber line: what is missing, since when, and what the numbers do about it. At most one a page. */
export function Note({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="note stale" role="note">
      <Glyph shape="warn" />
      <div>{children}</div>
      {action && <div className="acts">{action}</div>}
    </div>
  );
}
