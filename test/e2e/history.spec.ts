import { expect, test } from '@playwright/test';
import { ask, pagesOf } from './api.ts';
import { openPage } from './open-page.ts';

const suitePage = async (baseURL: string | undefined) => (await pagesOf(baseURL ?? ''))['a suite’s history'] ?? '';

test('the history grid is one stop of the Tab key, and arrows move in it', async ({ page, baseURL }) => {
  await openPage(page, await suitePage(baseURL));
  const grid = page.getByRole('grid');
  await expect(grid).toBeVisible();
  await page.locator('.chip', { hasText: /^All/ }).focus();
  await page.keyboard.press('Tab');
  await expect(grid.getByRole('row').nth(1).locator('.bn a').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(grid.getByRole('row').nth(2).getByRole('gridcell').first().locator(':focus, :scope:focus')).toHaveCount(
    1,
  );
  await page.keyboard.press('Home');
  await expect(grid.getByRole('row').nth(2).getByRole('rowheader').locator('a')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(grid.locator(':focus')).toHaveCount(0);
});

test('a failing cell leads to the failing line of its job', async ({ page, baseURL }) => {
  await page.goto(`${await suitePage(baseURL)}?show=failing`);
  await page.locator('.hg .f a').first().click();
  await expect(page).toHaveURL(/\/jobs\/[^/]+\/\d+\?(line=\d+#L\d+|suite=)/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('what is folded away is counted, and the counts are those of the rows', async ({ page, baseURL }) => {
  const path = await suitePage(baseURL);
  for (const show of ['failing', 'changed', 'notgreen']) {
    await page.goto(`${path}?show=${show}`);
    const shown = Number(await page.locator('.chip[aria-current="true"] b').innerText());
    await expect(page.locator('.hg tbody tr')).toHaveCount(Math.min(200, shown));
  }
  await expect(page.locator('.folded')).toContainText('all green and folded away');
});

test('a row leads to its test, and the test to its jobs', async ({ page, baseURL }) => {
  await page.goto(await suitePage(baseURL));
  const row = page.locator('.hg tbody th a').first();
  const name = (await row.innerText()).split('/').at(-1) ?? '';
  await row.click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
  await page.locator('main table.t a[data-open]').first().click();
  await expect(page).toHaveURL(/\/jobs\//);
});

test('a measurement is a chart with the same as a table, and is worse only once somebody says which way', async ({
  page,
  baseURL,
}) => {
  type Found = {
    testCases: { nodes: { name: string; suite: string; job: { build: { project: { slug: string } } } }[] };
  };
  const found = await ask<Found>(
    baseURL ?? '',
    '{ testCases(first: 1, filter: { suite: "lmbench" }) { nodes { name suite job { build { project { slug } } } } } }',
  );
  const [measured] = found.testCases.nodes;
  if (!measured) throw new Error('the demo measures nothing');
  const { slug } = measured.job.build.project;
  await page.goto(`/tests/${slug}/lmbench?test=${encodeURIComponent(measured.name)}`);
  await expect(page.locator('svg.chart').first()).toBeVisible();
  await expect(page.getByText('Which direction is better is not known').first()).toBeVisible();
  await page.locator('details.twin > summary').first().click();
  await expect(page.locator('details.twin table').first()).toBeVisible();
  await page.getByRole('link', { name: 'lower is better' }).first().click();
  await expect(page).toHaveURL(/better=lower/);
  await expect(page.getByText('Which direction is better is not known')).toHaveCount(0);
});

test('suites are found by name, and what is not found leads on to the search', async ({ page }) => {
  await page.goto('/tests');
  await page.getByRole('searchbox', { name: 'suite' }).fill('LTP');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/name=LTP/);
  await expect(page.locator('main tbody th')).not.toHaveCount(0);
  for (const text of await page.locator('main tbody th').allInnerTexts()) expect(text).toContain('ltp');
  await page.goto('/tests?name=nothing-is-called-so');
  await expect(page.getByRole('link', { name: 'Search tests for it' })).toBeVisible();
});

test('a table is told once: React takes over less than what is there as HTML', async ({ request, baseURL }) => {
  const pages = await pagesOf(baseURL ?? '');
  for (const name of ['a build', 'a suite’s history', 'a test’s history', 'jobs', 'devices']) {
    const text = await (await request.get(pages[name] ?? '')).text();
    const told = [...text.matchAll(/<script[^>]*>self\.__next_f\.push\(.*?<\/script>/gs)].reduce(
      (n, [one]) => n + one.length,
      0,
    );
    expect(told, name).toBeGreaterThan(1_000);
    // Of a page of few rows most is the frame around them, whose words are told for its parts that answer to keys.
    expect(told, name).toBeLessThan((text.length - told) * 1.1);
  }
});
