import { expect, test } from '@playwright/test';
import { ask, type JobRef, jobPath } from './api.ts';

test('a job that finishes shows on an open jobs page without a reload', async ({ page, baseURL }) => {
  await page.goto('/jobs');
  await expect(page.locator('[data-live="on"]')).toBeAttached();
  const { jobs } = await ask<{ jobs: { nodes: JobRef[] } }>(
    baseURL ?? '',
    '{ jobs(first: 20, filter: { state: [RUNNING] }) { nodes { externalId source { slug } } } }',
  );
  const rows = jobs.nodes.map((job) =>
    page.getByRole('row').filter({ has: page.locator(`a[href="${jobPath(job)}"]`) }),
  );
  const running = rows.map((row) => row.getByText('Running', { exact: true }));
  expect(running.length, 'the demo has running jobs').toBeGreaterThan(0);
  await page.evaluate("document.body.setAttribute('data-same-document', 'yes')");
  await expect
    .poll(async () => (await Promise.all(rows.map((row) => row.getByText('Complete').count()))).some((n) => n > 0), {
      timeout: 50_000,
    })
    .toBe(true);
  await expect(page.locator('body[data-same-document="yes"]')).toBeAttached();
});

test('to someone who has scrolled down, new results are announced and nothing moves', async ({ page }) => {
  await page.goto('/jobs');
  await expect(page.locator('[data-live="on"]')).toBeAttached();
  await page.mouse.wheel(0, 900);
  await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(100);
  const rows = () => page.locator('main tbody tr').allInnerTexts();
  const before = await rows();
  const pill = page.getByRole('button', { name: /new results?, show/ });
  await expect(pill).toBeAttached({ timeout: 50_000 });
  expect(await rows()).toEqual(before);
  await pill.click();
  await expect(pill).toBeHidden();
  await expect.poll(rows).not.toEqual(before);
});
