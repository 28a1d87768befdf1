/** Before the tests on PostgreSQL: a server, and in it a store of this version that each test's database is copied from. */
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openStore } from '#store/open.ts';
import { createCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: string;
  }
}

export const TEMPLATE = 'basalt_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, remove } = await createCluster();
  await inDatabase(url, `CREATE DATABASE ${TEMPLATE} ENCODING 'UTF8' TEMPLATE template0`);
  const store = await openStore({ url: databaseUrl(url, TEMPLATE), mode: 'write', logDir: '/nonexistent' });
  await store.close();
  project.provide('postgres', url);
  return remove;
}

/** One statement that no transaction may hold. */
export async function inDatabase(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
