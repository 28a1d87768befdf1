/** A store is brought to this version while another process writes to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openStore } from '#store/open.ts';
import { fileIn, temporaryFolder } from './temporary.ts';

const STORE = gunzipSync(readFileSync(join(import.meta.dirname, 'older/0011.db.gz')));

test('T-46: what was written while the store was migrated is there, and so is the migration', async () => {
  for (let round = 0; round < 5; round++) {
    const folder = temporaryFolder();
    const path = join(folder, 'basalt.db');
    writeFileSync(path, STORE);
    const writer = spawn(process.execPath, [join(import.meta.dirname, 'writing-meanwhile.ts'), path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exit = once(writer, 'exit');
    await once(writer.stdout, 'data');
    const store = await openStore({ ...fileIn(folder), mode: 'write' });
    expect(await store.schemaProblem()).toBeNull();
    await store.sql.run("INSERT INTO project (slug, name) VALUES ('by-this-version', 'x')");
    writer.stdin.end('stop');
    const [written] = await once(writer.stdout, 'data');
    expect(await exit).toEqual([0, null]);
    const kept = await store.sql.get<{ n: number }>(
      "SELECT count(*) AS n FROM project WHERE name = 'written meanwhile'",
    );
    expect(kept?.n).toBe(Number(written));
    expect(kept?.n).toBeGreaterThan(0);
    expect(await store.damage()).toBeNull();
    await store.close();
  }
});
