/** A running job while somebody looks at it. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { addJob, finishJob, openJob } from '../adapters/fake-master.ts';
import { untilKeysWork } from './open-page.ts';
import { type ServedLab, serveLab } from './served-lab.ts';

const line = (n: number) =>
  `- {"dt": "2026-05-01T00:00:${String(n % 60).padStart(2, '0')}", "lvl": "target", "msg": "boot line ${n} <b onload=alert(1)>"}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('');

let lab: ServedLab;

test.beforeEach(async () => {
  lab = await serveLab((master) => {
    addJob(master, 5);
    openJob(master, 6).log = lines(200);
  });
});
test.afterEach(() => lab?.close());

const grow = (count: number) => Object.assign(lab.master.jobs.get(6) ?? {}, { log: lines(count) });
const text = (page: Page, n: number) => page.getByText(`boot line ${n} <b onload=alert(1)>`, { exact: true });
const follow = (page: Page) => page.getByRole('button', { name: 'Follow' });

test('its log comes by itself and stays at the end, until one scrolls up; then it is the finished page', async ({
  page,
}) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${lab.url}/jobs/lab/6`);
  await untilKeysWork(page);
  await expect(text(page, 199)).toBeInViewport({ timeout: 20_000 });
  await expect(page.getByText(/^200 lines so far, as of \d\d:\d\d:\d\d UTC$/)).toBeVisible();
  await expect(follow(page)).toHaveAttribute('aria-pressed', 'true');
  await page.evaluate("document.body.setAttribute('data-same-document', 'yes')");
  grow(400);
  await expect(text(page, 399)).toBeInViewport({ timeout: 20_000 });

  const box = page.getByRole('group', { name: 'Log so far' });
  await box.focus();
  await page.keyboard.press('PageUp');
  await expect(follow(page)).toHaveAttribute('aria-pressed', 'false');
  grow(600);
  await expect(page.getByText(/^600 lines so far/)).toBeVisible({ timeout: 20_000 });
  await expect(text(page, 599)).toHaveCount(0);
  await page.keyboard.press('f');
  await expect(follow(page)).toHaveAttribute('aria-pressed', 'true');
  await expect(text(page, 599)).toBeInViewport();

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations, `at ${width} in ${colorScheme}`).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    }
  }
  finishJob(lab.master, 6, new Date());
  await expect(page.getByText(/^3 lines, .*, complete$/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('Running', { exact: true })).toHaveCount(0);
  await expect(page.locator('body[data-same-document="yes"]')).toBeAttached();
  expect(problems).toEqual([]);
  expect(lab.master.unexpected).toEqual([]);
});

test('without script it shows the lines so far and as of when; loading it asks the master nothing', async ({
  browser,
}) => {
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(`${lab.url}/jobs/lab/6`);
  await expect(plain.getByText('Nobody was looking at this job.')).toBeVisible();
  await expect(plain.getByText('No line is known yet.')).toBeVisible();
  await expect(plain.locator('noscript p')).toContainText('Without JavaScript the log is not followed here');
  expect(lab.master.asked.filter(({ path }) => path.endsWith('/6/logs/'))).toEqual([]);

  const page = await browser.newPage();
  await page.goto(`${lab.url}/jobs/lab/6`);
  await expect(text(page, 199)).toBeInViewport({ timeout: 20_000 });
  await plain.reload();
  await expect(plain.getByText(/^200 lines so far, as of \d\d:\d\d:\d\d UTC$/)).toBeVisible();
  await expect(text(plain, 0)).toBeVisible();
  await plain.context().close();
  await page.close();
});

test('a master that fails is said, and the log goes on by itself', async ({ page }) => {
  await page.goto(`${lab.url}/jobs/lab/6`);
  await expect(text(page, 199)).toBeInViewport({ timeout: 20_000 });
  lab.master.fault = ({ path }, response) => {
    if (!path.endsWith('/6/logs/')) return undefined;
    response.writeHead(403).end('{}');
    return true;
  };
  await expect(page.getByRole('status').filter({ hasText: '/logs/' })).toBeVisible({ timeout: 20_000 });
  await expect(text(page, 199)).toBeInViewport();
  lab.master.fault = null;
  grow(250);
  await expect(text(page, 249)).toBeInViewport({ timeout: 40_000 });
});
