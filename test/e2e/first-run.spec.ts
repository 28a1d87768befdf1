/** A new user, from the empty page to the first jobs: a server of its own without configuration, and a master to add. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { addJob, type FakeMaster, send, startMaster, TOKEN } from '../adapters/fake-master.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const JOBS = 15;

let folder: string;
let child: ChildProcess;
let said = '';
let log = '';
let url = '';
let setupToken = '';
let master: FakeMaster;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basalt-first-run-'));
  master = await startMaster();
  for (let id = 1; id <= JOBS; id++) addJob(master, id);
  child = spawn(process.execPath, [entry, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', BASALT_DATA: join(folder, 'data'), PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  await expect.poll(() => /^ {2}(\S{43})$/m.exec(said)?.[1], { timeout: 40_000 }).toBeDefined();
  setupToken = /^ {2}(\S{43})$/m.exec(said)?.[1] ?? '';
  url = /is ready at (\S+)/.exec(said)?.[1] ?? '';
});

test.afterAll(async () => {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  await master.close();
  rmSync(folder, { recursive: true, force: true });
  expect(master.unexpected).toEqual([]);
  for (const secret of [TOKEN, setupToken]) expect(log).not.toContain(secret);
});

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in with the token' }).click();
  if (token === setupToken) await page.getByRole('link', { name: 'Not now' }).click();
}

async function enter(page: Page, address: string, token = TOKEN): Promise<void> {
  await page.getByLabel('Address of the master').fill(address);
  await page.getByLabel('Token, of an ordinary user').fill(token);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
}

async function openNew(page: Page): Promise<void> {
  await page.goto(`${url}/sign-in?next=/labs/new`);
  await signIn(page, setupToken);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Add a master');
}

test('without a token nothing can be added, and a wrong one says so', async ({ page }) => {
  await page.goto(`${url}/labs/new`);
  await expect(page.getByRole('heading', { name: 'Sign in first' })).toBeVisible();
  await expect(page.getByLabel('Address of the master')).toHaveCount(0);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, 'nonsense');
  await expect(page.getByRole('alert').filter({ hasText: 'no token that signs in here' })).toBeVisible();
});

test('a wrong token, a wrong path and a login wall each say what is wrong', async ({ page }) => {
  await openNew(page);
  const problem = (text: string) => expect(page.getByRole('alert').filter({ hasText: text })).toBeVisible();

  await enter(page, `${master.url}RPC2`);
  await problem('/RPC2 is a page or an interface of the master, not its address');
  await page.getByRole('button', { name: `Test ${master.url}` }).click();
  await expect(page.getByRole('row', { name: /Version/ })).toBeVisible();

  master.fault = (_, response) => send(response, 401, { detail: 'Invalid token.' });
  await enter(page, master.url, 'wrong');
  await problem('The master does not know this token');

  master.fault = (_, response) => send(response, 302, '', { location: '/accounts/login/?next=/' });
  await enter(page, master.url, '');
  await problem('answers with a login page');

  master.fault = null;
  await enter(page, 'http://127.0.0.1:9/');
  await problem('refuses the connection');
});

test('from the empty page to the first jobs', async ({ page, context }) => {
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.goto(url);
  await page.getByRole('link', { name: 'Sign in and add a master' }).click();
  await signIn(page, setupToken);
  await enter(page, master.url.slice(0, -1));
  await expect(page.getByRole('row', { name: /Read as/ })).toContainText('reader');
  await expect(page.getByRole('row', { name: /Visible jobs/ })).toContainText(String(JOBS));
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByLabel('Name in addresses').fill('cambridge');
  await page.getByRole('button', { name: 'Save and read it' }).click();

  await expect(page).toHaveURL(`${url}/labs/cambridge`);
  await expect(page.locator('.verdict')).toContainText('In sync.', { timeout: 30_000 });
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await expect(page.locator('main tbody tr').first()).toBeVisible();
  expect(errors).toEqual([]);
  expect((await context.cookies()).find(({ name }) => name === 'basalt_token')).toMatchObject({
    httpOnly: true,
    sameSite: 'Strict',
  });
});

test('pages of who has signed in and of visitors never mix', async () => {
  const cookie = `basalt_token=${setupToken}`;
  const asked = Array.from({ length: 24 }, async (_, i) => {
    const headers = { ...(i % 2 === 0 && { cookie }), ...(i % 3 === 0 && { rsc: '1' }) };
    const answer = await fetch(`${url}${['/', '/labs'][i % 4 < 2 ? 0 : 1]}`, { headers });
    expect(answer.headers.get('cache-control')).toContain('no-store');
    return (await answer.text()).includes('cambridge');
  });
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 24 }, (_, i) => i % 2 === 0));
});

test('an admin pauses, resumes, asks and changes; a visitor sees none of it', async ({ page }) => {
  await page.goto(`${url}/sign-in?next=/labs/cambridge`);
  await signIn(page, setupToken);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('.verdict')).toContainText('Paused by an admin');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.locator('.verdict')).toContainText('In sync.');
  await page.getByRole('button', { name: 'Audit now' }).click();
  await expect(page.getByText('Asked for, waiting: an audit.')).toBeVisible();
  await expect(page.locator('.verdict')).toContainText(`Master ${JOBS} = stored ${JOBS} jobs`, { timeout: 40_000 });

  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByText('Advanced: own authority').click();
  await page.getByLabel('Logs, days kept').fill('90');
  await page.getByLabel('Results, days kept').fill('30');
  await page.getByLabel('Quiet hours from').fill('22:00');
  await page.getByLabel('to', { exact: true }).fill('06:00');
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '90 days are more than the 30 of results' })).toBeVisible();
  await page.getByLabel('Results, days kept').fill('365');
  await page.getByLabel('Name', { exact: true }).fill('Cambridge lab');
  await page.getByLabel('Visible to').selectOption('Everybody');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cambridge lab');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  await page.goto(`${url}/labs/cambridge`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cambridge lab');
  for (const name of ['Pause', 'Sync now', 'Audit now'])
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  expect((await page.goto(`${url}/labs/cambridge/edit`))?.status()).toBe(404);
});

test('a removed master keeps its results', async ({ page }) => {
  await page.goto(`${url}/sign-in?next=/labs/cambridge/edit`);
  await signIn(page, setupToken);
  await page.getByLabel('Stop reading cambridge').check();
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.locator('.verdict')).toContainText('No longer configured; what was read stays');
  await page.goto(`${url}/jobs/cambridge/${JOBS}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the first account is made once; it signs in, makes a token and revokes it, and the setup token is void', async ({
  page,
}) => {
  const password = 'some words that are long';
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Token').fill(setupToken);
  await page.getByRole('button', { name: 'Sign in with the token' }).click();
  await page.getByLabel('Login').fill('Root');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Make the account' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '12 characters' })).toBeVisible();
  await page.getByLabel('Password').fill(password);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.getByRole('link', { name: 'root' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('root');

  await page.getByLabel('What it is for').fill('nightly report');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const token = (await page.locator('code', { hasText: /^basalt_pat_/ }).textContent()) ?? '';
  const asked = async (authorization: string) =>
    (await fetch(`${url}/graphql?query={viewer{login}}`, { headers: { authorization } })).status;
  expect(await asked(`Bearer ${token}`)).toBe(200);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('button', { name: 'Revoke nightly report' }).click();
  await expect(page.getByRole('row', { name: /nightly report/ })).toContainText('revoked');
  expect([await asked(`Bearer ${token}`), await asked(`Bearer ${setupToken}`)]).toEqual([401, 401]);

  await page.getByRole('link', { name: 'Accounts' }).click();
  await page.getByLabel('Login').fill('ann');
  await page.getByLabel('Teams').fill('kernel:source-admin, storage');
  await page.getByLabel('Password').fill('words of ann herself');
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByRole('row', { name: /ann/ })).toContainText('kernel:source-admin, storage');

  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.goto(`${url}/sign-in?next=/account`);
  await page.getByLabel('Login').fill('ann');
  await page.getByLabel('Password').fill('not the words of ann');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'not a pair here' })).toBeVisible();
  await page.getByLabel('Login').fill('ann');
  await page.getByLabel('Password').fill('words of ann herself');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('ann');
});
