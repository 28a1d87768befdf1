'use client';
import { useState } from 'react';
import { askFromBrowser } from '@/browser-client.ts';
import type { UserProblemFragment } from '@/graphql/graphql.ts';

const FAILED = 'Basalt did not answer as it should: try again, and look into its log if it stays so.';

/** A mutation whose payload says what is wrong; `change` gives true when it was done. */
export function useChange() {
  const [problems, setProblems] = useState<readonly UserProblemFragment[]>([]);
  const [isBusy, setBusy] = useState(false);
  const attempt = async <T extends { userErrors: UserProblemFragment[] }>(ask: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    setProblems([]);
    try {
      const answer = await ask();
      setProblems(answer.userErrors);
      return answer;
    } catch {
      setProblems([{ code: 'CONFLICT', message: FAILED, field: null }]);
      return null;
    } finally {
      setBusy(false);
    }
  };
  const change = async (query: string, input: object): Promise<boolean> => {
    const answer = await attempt(async () => {
      const { payload } = await askFromBrowser<{ payload: { userErrors: UserProblemFragment[] } }>(query, { input });
      return payload;
    });
    return answer !== null && answer.userErrors.length === 0;
  };
  const clear = () => setProblems([]);
  return { problems, isBusy, attempt, change, clear };
}
