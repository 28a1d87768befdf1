import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Node takes graphql's "main"; Vite would take its "module", and instanceof would tell the two apart.
  resolve: { alias: { graphql: join(import.meta.dirname, 'node_modules/graphql/index.js') } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/lab/**', 'test/e2e/**', 'node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'threads',
  },
});
