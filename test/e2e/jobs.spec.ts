import { expect, test } from '@playwright/test';
import { openPage, untilKeysWork } from './open-page.ts';

test('an unknown filter value stays as a chip that can be taken away', async ({ page }) => {
  await page.goto('/jobs?state=Imaginary&lab=nowhere');
  const chip = page.getByRole('link', { name: /state\s*Imaginary\s*unknown/ });
  await expect(chip).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No job matches' })).toBeVisible();
  await chip.click();
  await expect(page).not.toHaveURL(/Imaginary/);
  await expect(page).toHaveURL(/lab=nowhere/);
  await page.getByRole('link', { name: 'Remove lab: nowhere' }).click();
  await expect(page.locator('main tbody tr').first()).toBeVisible();
});

test('filters narrow the list, and the address says them all', async ({ page }) => {
  await page.goto('/jobs');
  await page.locator('summary', { hasText: 'Filter' }).click();
  await page.getByRole('checkbox', { name: 'Infrastructure' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL('/jobs?class=Infrastructure');
  await expect(page.locator('main tbody tr').first()).toContainText('Infrastructure');
  await page.goBack();
  await expect(page).toHaveURL('/jobs');
});

test('a cursor that is none leads to the newest jobs', async ({ page }) => {
  await page.goto('/jobs?lab=alpha&after=garbage');
  await expect(page).toHaveURL('/jobs?lab=alpha');
});

test('keys move through the rows, open them, search and help', async ({ page }) => {
  await openPage(page, '/jobs');
  await page.keyboard.press('/');
  const filter = page.getByRole('main').getByRole('searchbox');
  await expect(filter).toBeFocused();
  await filter.blur();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  const first = page.locator('[data-open]').first();
  await expect(first).toBeFocused();
  const href = await first.getAttribute('href');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await first.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(href ?? '');
});

test('single keys can be switched off', async ({ page }) => {
  await openPage(page, '/jobs');
  await page.getByRole('button', { name: /Keyboard/ }).click();
  await page.getByRole('checkbox', { name: 'Single keys are on' }).uncheck();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('j');
  await expect(page.locator('[data-open]').first()).not.toBeFocused();
  await page.reload();
  await untilKeysWork(page);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('Escape closes what floats and gives the focus back', async ({ page }) => {
  await openPage(page, '/jobs');
  const summary = page.locator('details.fresh > summary');
  await summary.click();
  await page.keyboard.press('Escape');
  await expect(page.locator('details.fresh')).not.toHaveAttribute('open');
  await expect(summary).toBeFocused();
});

test('first-load JavaScript is at most 200 kB compressed', async ({ page }) => {
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    if (request.resourceType() === 'script')
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await page.goto('/jobs', { waitUntil: 'networkidle' });
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(200_000);
});
