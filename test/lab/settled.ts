import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openStore } from '#store/open.ts';

const Bookmark = z.object({ settling: z.array(z.unknown()) });

/** Every source has been read whole since now, and no job is still waited for: how long that took, seconds. */
export async function settled(data: string, patienceSeconds: number): Promise<string> {
  const store = await openStore({ url: `sqlite:${join(data, 'basalt.db')}`, mode: 'read' });
  const began = Date.now();
  try {
    for (;;) {
      const sources = await store.sql.all<{ bookmark: string | null; readAt: number | null }>(
        'SELECT bookmark, last_success_at AS "readAt" FROM source',
      );
      const waiting = sources.flatMap(({ bookmark }) => Bookmark.parse(JSON.parse(bookmark ?? '{}')).settling);
      const isRead = sources.every(({ readAt }) => readAt !== null && readAt > (began + 2_000) * 1000);
      if (waiting.length === 0 && isRead) return ((Date.now() - began) / 1000).toFixed(0);
      const waited = (Date.now() - began) / 1000;
      assert.ok(waited < patienceSeconds, `not quiet after ${waited} s: ${JSON.stringify(waiting)}`);
      await sleep(500);
    }
  } finally {
    await store.close();
  }
}
