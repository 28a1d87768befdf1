'use client';
import { useRouter } from 'next/navigation';
import { Problems } from '@/ui/problem-list.tsx';
import { useChange } from '@/ui/use-change.ts';
import { useIsClient } from '@/ui/use-is-client.ts';

/** Takes results back that were left out. */
export function TakeBack({ ids, label, query }: { ids: readonly string[]; label: string; query: string }) {
  const isClient = useIsClient();
  const router = useRouter();
  const { problems, isBusy, change } = useChange();
  const takeBack = async () => {
    if (await change(query, { testCases: ids })) router.refresh();
  };
  return (
    <>
      <button className="btn ghost" type="button" disabled={!isClient || isBusy} onClick={takeBack}>
        {label}
      </button>
      <Problems problems={problems} of="testCases" />
      <Problems problems={problems} of={null} />
    </>
  );
}
