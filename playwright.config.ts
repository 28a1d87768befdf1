import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from './test/e2e/chromium.ts';

const port = process.env.BASALT_E2E_PORT || '4173';

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  globalSetup: './test/e2e/ready.ts',
  workers: 1,
  timeout: 60_000,
  reporter: 'list',
  forbidOnly: true,
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: findChromium() ?? undefined, args: CHROMIUM_ARGS },
  },
  // The demo's last jobs finish within a minute of its being ready, so what waits for one goes first.
  projects: [
    { name: 'live', testMatch: 'live.spec.ts' },
    { name: 'pages', testIgnore: 'live.spec.ts', dependencies: ['live'] },
  ],
  webServer: {
    command: `"${process.execPath}" cli/basalt.js demo`,
    url: `http://127.0.0.1:${port}/readyz`,
    env: { HOST: '127.0.0.1', PORT: port },
    timeout: 120_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
});
