/** Every number of every page leads to the list that it counts, and the two agree: how pages declare them is in counts.ts. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { pagesOf } from './api.ts';
import { lendParser, walkPages } from './counts.ts';

/** Pages of the app that are not walked here, and why. */
const LEFT_OUT: Record<string, string> = {
  '/sign-in': 'a form',
  '/explorer': 'counts nothing: explorer.spec.ts opens it',
  '/setup': 'a form, for whoever holds the setup token',
  '/account': 'one’s own: first-run.spec.ts opens it',
  '/account/subscriptions/[id]': 'one’s own: subscribe.spec.ts opens it',
  '/subscribe': 'a form: subscribe.spec.ts fills it in',
  '/unsubscribe': 'a form: subscribe.spec.ts presses it',
  '/accounts': 'for admins: first-run.spec.ts opens it',
  '/labs/new': 'a form, for admins',
  '/labs/[lab]/edit': 'a form, for admins',
  '/labs/[lab]/quarantine': 'for admins: admin.spec.ts',
  '/audit-log': 'for admins: admin.spec.ts opens it',
  '/mapping': 'for admins: admin.spec.ts',
  '/names': 'for admins: admin.spec.ts',
};

/** Pages that count nothing. */
const WITHOUT_COUNTS = new Set(['search', 'a new issue']);

test('every number leads to a list of as many', async ({ page, baseURL }) => {
  const readPage = await lendParser(page, baseURL ?? '');
  const pages = { ...(await pagesOf(baseURL ?? '')), regressions: '/regressions?days=90' };
  const paths = Object.values(pages).map((path) => path.split('?')[0] ?? '');
  const forgotten = routes().filter(
    ({ name, pattern }) => !LEFT_OUT[name] && !paths.some((path) => pattern.test(path)),
  );
  expect(forgotten, 'name a page of each in api.ts, or say why it is left out').toEqual([]);
  const { findings, followed } = await walkPages(readPage, pages, WITHOUT_COUNTS);
  expect(findings).toEqual([]);
  expect(followed).toBeGreaterThan(250);
});

test('a count that is one off, one without a link, and a number that nothing declares are found', async ({
  page,
  baseURL,
}) => {
  await page.route('**/devices', async (route) => {
    const response = await route.fetch();
    const planted = (await response.text())
      .replace(/data-count="(\d+)"/, (_, value) => `data-count="${Number(value) + 1}"`)
      .replace('</h1>', '</h1><p>7 boards, <b data-count="8">8 labs</b></p>');
    await route.fulfill({ response, body: planted });
  });
  const { findings } = await walkPages(await lendParser(page, baseURL ?? ''), { devices: '/devices' });
  expect(findings).toHaveLength(4);
  for (const wrong of [
    /a number that nothing declares: 7 boards/,
    /a count without a link: 8 labs/,
    /data-count is \d+, and it says: \d+/,
    /counts \d+ and leads to \/devices: the list says \d+/,
  ])
    expect(findings).toContainEqual(expect.stringMatching(wrong));
});

/** Pages of the app by their files: "/jobs/[lab]/[id]". */
function routes(): { name: string; pattern: RegExp }[] {
  const app = join(import.meta.dirname, '../../frontend/app');
  return globSync('**/page.tsx', { cwd: app }).map((file) => {
    const name = `/${file.replace(/\/?page\.tsx$/, '')}`;
    const pattern = name.replaceAll(/\[\.\.\.\w+\]/g, '.+').replaceAll(/\[\w+\]/g, '[^/]+');
    return { name, pattern: new RegExp(`^${pattern}$`) };
  });
}
