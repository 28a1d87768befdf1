/** Signing in and out by a real OpenID provider, which is another site for the browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { CLIENT, type IdentityProvider, startProvider } from '../api/identity-provider.ts';

const ENTRY = join(import.meta.dirname, '../../cli/basalt.js');

let folder: string;
let child: ChildProcess;
let idp: IdentityProvider;
let said = '';
let url = '';

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basalt-oidc-'));
  idp = await startProvider('localhost');
  idp.people.set('ann', { groups: ['kernel-devs'], name: 'Ann' });
  const config = join(folder, 'basalt.yaml');
  const source = { url: 'http://127.0.0.1:9/', paused: true };
  writeFileSync(
    config,
    JSON.stringify({
      sources: [
        { ...source, slug: 'open' },
        { ...source, slug: 'kernel', visibility: 'restricted', teams: ['kernel'] },
      ],
      access: {
        oidc: {
          ...{ issuer: idp.issuer, clientId: CLIENT.id, clientSecret: { env: 'OIDC_SECRET' }, name: 'Example Lab' },
          groups: { 'kernel-devs': { team: 'kernel' } },
        },
      },
    }),
  );
  child = spawn(process.execPath, [ENTRY, 'serve'], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', BASALT_CONFIG: config },
      ...{ BASALT_DATA: join(folder, 'data'), OIDC_SECRET: CLIENT.secret },
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await expect.poll(() => /is ready at (\S+)/.exec(said)?.[1], { timeout: 40_000 }).toBeDefined();
  url = /is ready at (\S+)/.exec(said)?.[1] ?? '';
  idp.open(url);
});

test.afterAll(async () => {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  await idp.close();
  rmSync(folder, { recursive: true, force: true });
});

test('ann signs in by the form of the provider, sees the lab of her team, and signs out of both', async ({ page }) => {
  await page.goto(`${url}/labs`);
  await expect(page.getByRole('link', { name: 'open', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'kernel', exact: true })).toHaveCount(0);

  await page.goto(`${url}/sign-in?next=/labs`);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('link', { name: 'Sign in with Example Lab' }).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Example Lab did not sign you in' })).toBeVisible();

  await page.getByRole('link', { name: 'Sign in with Example Lab' }).click();
  await page.getByPlaceholder('Enter any login').fill('ann');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await expect(page).toHaveURL(`${url}/labs`);
  await expect(page.getByRole('link', { name: 'kernel', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Signed in as ann' })).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await expect(page).toHaveURL(`${url}/`);
  await page.goto(`${url}/labs`);
  await expect(page.getByRole('link', { name: 'open', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'kernel', exact: true })).toHaveCount(0);
  await page.goto(`${url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with Example Lab' }).click();
  await expect(page.getByPlaceholder('Enter any login')).toBeVisible();
});
