import type { ReactNode } from 'react';

/** Nothing to show: why, and one thing to do about it. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <h3>{title}</h3>
      <p>{children}</p>
      {action && <div className="acts">{action}</div>}
    </div>
  );
}
