import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests of the store and of what stands on it: the same on both engines. */
const CONTRACT = ['store', 'ingest', 'api'].map((folder) => `test/${folder}/**/*.test.ts`);
/** What is SQLite's alone: stores of earlier versions, how it reads an index. */
const SQLITE_ONLY = [
  'test/store/migration.test.ts',
  'test/store/migration-kill.test.ts',
  'test/store/migrate-meanwhile.test.ts',
  'test/store/damage.test.ts',
  'test/store/plan.test.ts',
];
const POSTGRES_ONLY = ['test/postgres/**'];
/** What measures the memory of its own process: nothing may have been there before it. */
const ALONE = ['test/ingest/soak.test.ts'];

export default defineConfig({
  resolve: {
    alias: {
      // Node takes graphql's "main"; Vite would take its "module", and instanceof would tell the two apart.
      graphql: join(import.meta.dirname, 'node_modules/graphql/index.js'),
      '@': join(import.meta.dirname, 'frontend'),
    },
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    // A worker loads what is tested once, not once a file: nothing replaces a module, and what a test changes it puts back.
    isolate: false,
    // Vitest would leave one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/e2e/**', ...POSTGRES_ONLY, ...ALONE],
          globalSetup: 'test/store/setup.ts',
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, isolate: true, globalSetup: 'test/store/setup.ts' },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [...CONTRACT, 'test/postgres/**/*.test.ts'],
          exclude: SQLITE_ONLY,
          globalSetup: 'test/postgres/setup.ts',
        },
      },
    ],
  },
});
