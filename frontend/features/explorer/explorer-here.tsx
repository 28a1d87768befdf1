'use client';
import { lazy, Suspense } from 'react';
import { useIsClient } from '@/ui/use-is-client.ts';
import type { Example } from './examples.ts';

const Explorer = lazy(async () => ({ default: (await import('./explorer.tsx')).Explorer }));

type Props = { examples: readonly Example[]; login: string | null; mostCost: number };

/** Nothing without JavaScript: what can be read then is below it. Its code is loaded here and on no other page. */
export function ExplorerHere(props: Props) {
  const isClient = useIsClient();
  if (!isClient) return null;
  return (
    <Suspense fallback={<div className="explorer loading">The editor is being loaded.</div>}>
      <Explorer {...props} />
    </Suspense>
  );
}
