import type { ReactNode } from 'react';

export function Tag({
  tone,
  children,
}: {
  tone?: 'new' | 'code' | 'lab' | 'board' | 'flaky' | 'unsure';
  children: ReactNode;
}) {
  return <span className={tone ? `tag ${tone}` : 'tag'}>{children}</span>;
}
