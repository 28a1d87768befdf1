import { expect, test } from '@playwright/test';
import { ask, type JobRef, jobPath } from './api.ts';
import { openPage } from './open-page.ts';

type LongLog = JobRef & { log: { totalLines: number; errorLines: number[] } | null };

/** The job with the longest log among the newest. */
async function longest(baseUrl: string): Promise<{ path: string; lines: number }> {
  const { jobs } = await ask<{ jobs: { nodes: LongLog[] } }>(
    baseUrl,
    '{ jobs(first: 100, filter: { scope: { includeHealthChecks: true } }) { nodes { externalId source { slug } log(limit: 1) { totalLines errorLines } } } }',
  );
  const [first] = jobs.nodes.toSorted((a, b) => (b.log?.totalLines ?? 0) - (a.log?.totalLines ?? 0));
  if (!first?.log) throw new Error('the demo has no log');
  return { path: jobPath(first), lines: first.log.totalLines };
}

test('a link to a stretch of lines opens there and marks it', async ({ page, baseURL }) => {
  const { path, lines } = await longest(baseURL ?? '');
  const from = lines - 20;
  await page.goto(`${path}#L${from}-L${from + 3}`);
  for (let n = from; n <= from + 3; n++) await expect(page.locator(`#L${n}`)).toHaveClass(/chosen/);
  await expect(page.locator(`#L${from}`)).toBeInViewport();
  await expect(page.locator(`#L${from + 4}`)).not.toHaveClass(/chosen/);
});

test('a click names a line and shift-click a stretch', async ({ page, baseURL }) => {
  const { path, lines } = await longest(baseURL ?? '');
  const n = lines - 20;
  await page.goto(`${path}?line=${n}`);
  await page.locator(`#L${n} .lno`).click();
  await expect(page).toHaveURL(new RegExp(`#L${n}$`));
  await page.locator(`#L${n + 2} .lno`).click({ modifiers: ['Shift'] });
  await expect(page).toHaveURL(new RegExp(`#L${n}-L${n + 2}$`));
  await expect(page.locator('.lg .chosen')).toHaveCount(3);
});

test('a long log keeps few lines in the page and reads the rest on the way', async ({ page, baseURL }) => {
  const { path, lines } = await longest(baseURL ?? '');
  await page.goto(`${path}?line=0`);
  await expect(page.locator('#L0')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Wrap' })).toBeVisible();
  await page.evaluate("document.querySelector('.lines').scrollTo(0, 1e9)");
  await expect(page.locator(`#L${lines - 1}`)).toBeVisible();
  expect(await page.locator('ol.lg li').count()).toBeLessThan(400);
});

test('n and p go from one stop to the next', async ({ page, baseURL }) => {
  const { jobs } = await ask<{ jobs: { nodes: LongLog[] } }>(
    baseURL ?? '',
    '{ jobs(first: 100, filter: { hasFailures: true }) { nodes { externalId source { slug } log(limit: 1) { totalLines errorLines } testCases(first: 200, result: [FAIL]) { nodes { startLogLine } } } } }',
  );
  const withStops = jobs.nodes.map((job) => ({ job, stops: stopsOf(job) })).find(({ stops }) => stops.length > 1);
  if (!withStops) throw new Error('the demo has no log with two stops');
  const { job, stops } = withStops;
  await openPage(page, jobPath(job));
  await expect(page.getByRole('button', { name: 'Wrap' })).toBeVisible();
  await page.keyboard.press('n');
  await expect(page).toHaveURL(new RegExp(`#L${stops[1]}$`));
  await page.keyboard.press('p');
  await expect(page).toHaveURL(new RegExp(`#L${stops[0]}$`));
  await expect(page.locator(`#L${stops[0]}`)).toBeInViewport();
});

test('levels are links, and a wrapped line is whole', async ({ page, baseURL }) => {
  const { path } = await longest(baseURL ?? '');
  await openPage(page, path);
  await page.locator('summary', { hasText: 'level' }).click();
  await page.getByRole('link', { name: 'results', exact: true }).click();
  await expect(page).toHaveURL(/level=results/);
  await expect(page.locator('ol.lg .lv').first()).toHaveText('results');
  const levels = await page.locator('ol.lg .lv').allInnerTexts();
  expect(new Set(levels.map((level) => level.trim()))).toEqual(new Set(['results']));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Wrap' }).click();
  const overflow = "document.querySelector('.lines').scrollWidth - document.querySelector('.lines').clientWidth";
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
});

test('a failing case leads to its line', async ({ page, baseURL }) => {
  const { jobs } = await ask<{ jobs: { nodes: JobRef[] } }>(
    baseURL ?? '',
    '{ jobs(first: 1, filter: { hasFailures: true }) { nodes { externalId source { slug } } } }',
  );
  const [job] = jobs.nodes;
  if (!job) throw new Error('the demo has no job with failing cases');
  await page.goto(jobPath(job));
  const link = page.getByRole('group', { name: 'Failing' }).locator('a[data-line]').first();
  const line = await link.getAttribute('data-line');
  await link.click();
  await expect(page.locator(`#L${line}`)).toBeInViewport();
  await expect(page.locator(`#L${line}`)).toHaveClass(/chosen/);
});

type WithCases = LongLog & { testCases?: { nodes: { startLogLine: number | null }[] } };

function stopsOf({ log, testCases }: WithCases): number[] {
  const cases = testCases?.nodes.flatMap(({ startLogLine }) => startLogLine ?? []) ?? [];
  return [...new Set([...(log?.errorLines ?? []), ...cases])]
    .filter((n) => n < (log?.totalLines ?? 0))
    .sort((a, b) => a - b);
}
