import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { pagesOf } from './api.ts';

for (const name of ['a build', 'a job with failing cases']) {
  test(`${name}: its results are saved as a file that says it is whole`, async ({ page, baseURL }) => {
    await page.goto((await pagesOf(baseURL ?? ''))[name] ?? '');
    await page.getByText('Export', { exact: true }).click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
    for (const format of ['CSV', 'NDJSON', 'JUnit XML']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: format, exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^results-.*\.(csv|ndjson|xml)$/);
      const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
      const end = lines.filter((line) => line !== '</testsuites>').at(-1) ?? '';
      const told = /^(?:# end: |<!-- end: |\{"end":\{"results":)(\d+)/.exec(end);
      expect(Number(told?.[1]), format).toBeGreaterThan(0);
    }
  });
}

test('a page offers its feed and a badge to paste, and both are there', async ({ page, baseURL }) => {
  await page.goto((await pagesOf(baseURL ?? ''))['builds of a project'] ?? '');
  const links = await page.locator('head link[rel=alternate]').all();
  const feeds = await Promise.all(links.map((link) => link.getAttribute('href')));
  expect(feeds).toHaveLength(2);
  for (const path of feeds) {
    const answer = await page.request.get(path ?? '');
    expect([answer.status(), (await answer.text()).includes('/builds/')]).toEqual([200, true]);
  }
  await page.getByText('Badge', { exact: true }).click();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  const markdown = await page.getByRole('group', { name: 'Markdown' }).innerText();
  const [, badge = '', of = ''] = /\]\((.*?)\)\]\((.*?)\)$/.exec(markdown) ?? [];
  expect(await (await page.request.get(badge)).text()).toContain('<svg');
  expect((await page.request.get(of)).status()).toBe(200);
});
