import { expect, test } from '@playwright/test';
import { ask, pagesOf } from './api.ts';
import { openPage } from './open-page.ts';

test('the matrix is one stop of the Tab key, and arrows move in it', async ({ page, baseURL }) => {
  await openPage(page, (await pagesOf(baseURL ?? ''))['a build'] ?? '');
  const grid = page.getByRole('grid', { name: 'Suites by device type' });
  await expect(grid).toBeVisible();
  await page.locator('.chip', { hasText: 'All' }).focus();
  await page.keyboard.press('Tab');
  await expect(grid.getByRole('row').nth(1).getByRole('gridcell').first().locator(':focus, :scope:focus')).toHaveCount(
    1,
  );
  await page.keyboard.press('Home');
  await expect(grid.getByRole('row').nth(1).getByRole('rowheader').getByRole('link')).toBeFocused();
  await page.keyboard.press('Control+Home');
  await expect(grid.getByRole('columnheader', { name: 'Suite' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(grid.getByRole('columnheader').nth(1)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(grid.locator(':focus')).toHaveCount(0);
});

test('Escape leads out of the matrix to where the focus was', async ({ page, baseURL }) => {
  await openPage(page, (await pagesOf(baseURL ?? ''))['a build'] ?? '');
  await expect(page.getByRole('grid')).toBeVisible();
  const chip = page.locator('.chip', { hasText: 'All' });
  await chip.focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(chip).toBeFocused();
});

test('a cell leads to the jobs that ran its suite on its kind of board', async ({ page, baseURL }) => {
  await page.goto((await pagesOf(baseURL ?? ''))['a build'] ?? '');
  const cell = page.locator('.mx a.mca').first();
  const href = await cell.getAttribute('href');
  await cell.click();
  await expect(page).toHaveURL(href ?? '');
  await expect(page.locator('.chip', { hasText: 'suite' })).toBeVisible();
  await expect(page.locator('main tbody tr').first()).toBeVisible();
});

test('how runs of the same suite count is said, in the address, and kept by what leads on', async ({
  page,
  baseURL,
}) => {
  const path = (await pagesOf(baseURL ?? ''))['a build'] ?? '';
  await page.goto(`${path}?verdict=last&show=all`);
  const picker = page.getByRole('navigation', { name: 'How runs of the same suite count' });
  await expect(picker).toContainText('Runs of the same suite counted once: the last.');
  await expect(picker.locator('[aria-current="true"]')).toHaveText('the last');
  await page.locator('.chip', { hasText: 'Problems' }).click();
  await expect(page).toHaveURL(/show=problems&verdict=last/);
  await picker.getByRole('link', { name: 'the worst' }).click();
  await expect(page).toHaveURL(/show=problems&verdict=worst/);
});

test('what is shown of the matrix is in the address', async ({ page, baseURL }) => {
  const path = (await pagesOf(baseURL ?? ''))['a build'] ?? '';
  await page.goto(`${path}?show=all`);
  await expect(page.locator('.chip[aria-current="true"]', { hasText: 'All' })).toBeVisible();
  const [, , project, version] = path.split('/').map(decodeURIComponent);
  const { build } = await ask<{ build: { suites: { totalCount: number } } }>(
    baseURL ?? '',
    'query ($project: String!, $version: String!) { build(project: $project, version: $version) { suites { totalCount } } }',
    { project, version },
  );
  await expect(page.locator('.mx tbody tr')).toHaveCount(Math.min(20, build.suites.totalCount));
});
