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
    for (const format of ['CSV', 'NDJSON']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: format, exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^results-.*\.(csv|ndjson)$/);
      const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
      const told = /^(?:# end: |\{"end":\{"results":)(\d+)/.exec(lines.at(-1) ?? '');
      expect(Number(told?.[1]), format).toBeGreaterThan(0);
    }
  });
}
