import { expect, test } from '@playwright/test';
import { pagesOf } from './api.ts';

test.use({ javaScriptEnabled: false });

test('every page can be read', async ({ page, baseURL }) => {
  for (const [name, path] of Object.entries(await pagesOf(baseURL ?? ''))) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 }), name).toBeVisible();
    const something = page.locator('main table tbody tr, main .state, main form');
    await expect(something.filter({ visible: true }).first(), name).toBeVisible();
  }
});

test('the log shows its lines around a line of the address', async ({ page, baseURL }) => {
  const pages = await pagesOf(baseURL ?? '');
  await page.goto(`${pages['a job with failing cases']}?line=3#L3`);
  await expect(page.locator('#L3')).toBeVisible();
  await expect(page.locator('ol.lg li').first()).toBeVisible();
});

test('the likely cause of a failing case opens, with the probability of each', async ({ page, baseURL }) => {
  const pages = await pagesOf(baseURL ?? '');
  await page.goto(pages['a job with failing cases'] ?? '');
  const cause = page.locator('details.cause').first();
  await cause.locator('summary').click();
  await expect(cause.getByRole('table', { name: 'Likely cause' }).getByRole('row')).toHaveCount(5);
});

test('filters are forms and links', async ({ page }) => {
  await page.goto('/jobs');
  await page.getByRole('searchbox', { name: 'description' }).fill('linux');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/q=linux/);
  await page.locator('summary', { hasText: 'Filter' }).click();
  await page.getByRole('checkbox', { name: 'Incomplete' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/q=linux/);
  await expect(page).toHaveURL(/health=Incomplete/);
  await page.locator('.chip', { hasText: 'health' }).click();
  await expect(page).not.toHaveURL(/health/);
});

test('older and newer are links, and come back to the same rows', async ({ page }) => {
  await page.goto('/jobs?until=2100-01-01&checks=1');
  const names = () => page.locator('main tbody th').allInnerTexts();
  const before = await names();
  await page.getByRole('link', { name: 'Older' }).click();
  const older = await names();
  expect(older).not.toEqual(before);
  await page.getByRole('link', { name: 'Newer' }).click();
  expect(new Set(await names()).size).toBeGreaterThan(0);
  expect((await names()).filter((name) => older.includes(name))).toEqual([]);
});

test('popovers open', async ({ page }) => {
  await page.goto('/');
  await page.locator('details.fresh > summary').click();
  await expect(page.getByRole('heading', { name: 'What this page covers' })).toBeVisible();
});
