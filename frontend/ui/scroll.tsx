import type { ReactNode } from 'react';

/** What may be wider than the page scrolls here and never the page. Reachable by keyboard, so it has a name. */
export function Scroll({ labelledBy, label, children }: { labelledBy?: string; label?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div className="scroll" tabIndex={0} role="group" aria-labelledby={labelledBy} aria-label={label}>
      {children}
    </div>
  );
}
