'use client';
import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** False on the server and in the first pass of the browser, so that both draw the same. */
export function useIsClient(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
