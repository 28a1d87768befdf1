/** Before the tests on SQLite: an empty store of this version that each test's file is a copy of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openStore } from '#store/open.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The file of the empty store. */
    sqlite: string;
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-template-'));
  const file = join(folder, 'basalt.db');
  const store = await openStore({ url: `sqlite:${file}`, mode: 'write' });
  await store.close();
  project.provide('sqlite', file);
  return () => rmSync(folder, { recursive: true, force: true });
}
