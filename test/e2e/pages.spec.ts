import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { pagesOf } from './api.ts';

const NAMES = [
  'home',
  'jobs',
  'a job with failing cases',
  'a job that the lab failed',
  'builds',
  'builds of a project',
  'a build',
  'failures',
  'triage',
  'a failure',
  'known issues',
  'a known issue',
  'a new issue',
  'compare',
  'two builds',
  'many sides',
  'periods',
  'lab agreement',
  'two jobs',
  'tests',
  'tests of a project',
  'a suite’s history',
  'a test’s history',
  'flaky tests',
  'results of a build',
  'labs',
  'a lab',
  'a lab’s sync',
  'devices',
  'search',
  'a device',
];

/** Pages with nothing to show. */
const EMPTY: Record<string, string> = {
  'regressions where there are none': '/regressions?lab=nowhere',
  regressions: '/regressions?days=90',
  'a search for nothing': '/search',
  'quarantine, for a visitor': '/labs/alpha/quarantine',
  'a build that is not there, compared': '/compare?project=linux-mainline&base=nothing',
  'mapping, for a visitor': '/mapping',
  'names, for a visitor': '/names',
  'two jobs that nobody named': '/compare/jobs',
  'the audit log, for a visitor': '/audit-log',
  'nothing to triage': '/triage?lab=nowhere',
  'a suite that is not known': '/tests/linux-mainline/nothing',
  'a test that is not known': '/tests/linux-mainline/ltp-syscalls?test=nothing',
  'no suite of that name': '/tests?name=nothing',
  'a search in vain': '/search?q=nothing-is-called-so&kind=job',
};

for (const name of [...NAMES, ...Object.keys(EMPTY)]) {
  test(`${name}: opens in both themes and widths, accessible and without an error`, async ({ page, baseURL }) => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    const path = EMPTY[name] ?? (await pagesOf(baseURL ?? ''))[name] ?? '';
    const response = await page.goto(path);
    expect(response?.status()).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page).toHaveTitle(/ · Basalt$/);
    await expect(page.getByText('Page read 0 requests from the masters')).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations, `${path} at ${width} in ${colorScheme}`).toEqual([]);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${path} is no wider than ${width}`).toBeLessThanOrEqual(0);
      }
    }
    expect(problems).toEqual([]);
  });
}

test('what does not exist is not found', async ({ page }) => {
  for (const path of [
    '/jobs/nowhere/1',
    '/failures/v1:0',
    '/issues/0',
    '/labs/nowhere',
    '/labs/nowhere/sync',
    '/labs/nowhere/quarantine',
    '/devices/nowhere/x',
    '/builds/nowhere/1.0',
    '/compare?project=nowhere',
    '/compare/labs?project=nowhere',
    '/compare/labs',
    '/tests/nowhere/smoke',
    '/tests?project=nowhere',
    '/nowhere',
  ]) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { name: 'Nothing is here' })).toBeVisible();
  }
});

test('the theme is kept, and there from the first paint', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Theme: system' }).click();
  await expect(page.locator('html.dark')).toBeAttached();
  const html = await (await page.request.get('/jobs', { headers: { cookie: 'theme=dark' } })).text();
  expect(html).toMatch(/<html[^>]* class="[^"]*\bdark\b/);
  await page.reload();
  await expect(page.locator('html.dark')).toBeAttached();
});

test('S-32: only scripts that carry the nonce of their answer run, whatever policy a visitor sends', async ({
  page,
}) => {
  const sent = { 'content-security-policy': "script-src 'nonce-AAAAAAAAAAAAAAAAAAAAAA=='" };
  for (const path of ['/', '/nowhere']) {
    const answer = await page.request.get(path, { headers: sent });
    const [, nonce] = /script-src 'self' 'nonce-([^']+)'/.exec(answer.headers()['content-security-policy'] ?? '') ?? [];
    const scripts = (await answer.text()).match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
  }
  await page.goto('/');
  await page.evaluate(
    `document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))`,
  );
  expect(await page.evaluate('window.ran')).toBeUndefined();
});

test('the API panel shows a query that answers', async ({ page, baseURL }) => {
  await page.goto('/jobs?health=Incomplete');
  await page.getByText('API', { exact: true }).click();
  const query = await page.getByRole('group', { name: 'GraphQL' }).innerText();
  const variables = await page.getByRole('group', { name: 'Variables' }).innerText();
  const answer = await page.request.post(`${baseURL}/graphql`, { data: { query, variables: JSON.parse(variables) } });
  const { data, errors } = await answer.json();
  expect(errors).toBeUndefined();
  await expect(page.getByText(`${data.jobs.totalCount} jobs`).first()).toBeVisible();
});
