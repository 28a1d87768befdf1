import { expect, test } from '@playwright/test';
import { openPage } from './open-page.ts';

test('the key / comes to the search, and a test leads to its newest result', async ({ page }) => {
  await openPage(page, '/labs');
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: /^Search tests/ })).toBeFocused();
  await page.keyboard.type('BOOT-ti');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/search\?q=BOOT-ti$/);
  await expect(page).toHaveTitle('Search: BOOT-ti · Basalt');
  await page.getByRole('link', { name: 'boot-time' }).click();
  await expect(page).toHaveURL(/\/jobs\/\w+\/\d+$/);
});

test('a kind narrows, and what is found is of it', async ({ page }) => {
  await page.goto('/search?q=qemu');
  await page.getByRole('link', { name: 'Devices', exact: true }).last().click();
  await expect(page).toHaveURL(/kind=device/);
  const kinds = page.getByRole('cell', { name: /^(Test|Job|Build)$/ });
  await expect(page.getByRole('cell', { name: 'Device', exact: true }).first()).toBeVisible();
  await expect(kinds).toHaveCount(0);
});

test('pages of hits follow each other', async ({ page }) => {
  await page.goto('/search?q=linux&kind=job');
  const first = await page.getByRole('rowheader').allTextContents();
  expect(first).toHaveLength(25);
  await page.getByRole('link', { name: 'More' }).click();
  await expect(page).toHaveURL(/after=/);
  await expect(page.getByRole('rowheader').first()).toBeVisible();
});
