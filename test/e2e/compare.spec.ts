import { expect, type Page, test } from '@playwright/test';
import { addJob, openJob } from '../adapters/fake-master.ts';
import { ask, pagesOf } from './api.ts';
import { serveLab } from './served-lab.ts';

type Build = { version: string };

async function buildsOf(baseURL: string, slug: string): Promise<Build[]> {
  const { project } = await ask<{ project: { builds: { nodes: Build[] } } }>(
    baseURL,
    'query ($slug: String!) { project(slug: $slug) { builds { nodes { version } } } }',
    { slug },
  );
  return project.builds.nodes;
}

async function openComparison(page: Page, baseURL: string | undefined): Promise<string> {
  const path = (await pagesOf(baseURL ?? ''))['two builds'] ?? '';
  await page.goto(path);
  return new URL(page.url()).searchParams.get('project') ?? '';
}

async function linksIn(page: Page, selector: string): Promise<{ href: string; text: string }[]> {
  const links = await page.locator(selector).all();
  return Promise.all(
    links.map(async (link) => ({ href: (await link.getAttribute('href')) ?? '', text: await link.innerText() })),
  );
}

/** Every link leads to a list with as many tests as it says. */
async function walkCounts(
  page: Page,
  links: readonly { href: string; text: string }[],
  section: string,
): Promise<void> {
  for (const { href, text } of links) {
    await page.goto(href);
    const caption = await page.locator(`section[aria-labelledby="${section}"] .sh .c`).innerText();
    expect(numberIn(caption), `${text} at ${href}`).toBe(numberIn(text));
    const rows = page.locator(`section[aria-labelledby="${section}"] tbody tr:not(.grp)`);
    await expect(rows).toHaveCount(Math.min(50, numberIn(text)));
  }
}

const numberIn = (text: string) => Number(/[\d,]*\d/.exec(text)?.[0].replaceAll(',', ''));

test('every count leads to a list of as many tests', async ({ page, baseURL }) => {
  await openComparison(page, baseURL);
  const links = [
    ...(await linksIn(page, 'nav[aria-label="What became of tests"] a')),
    ...(await linksIn(page, '.verdict a')),
    ...(await linksIn(page, 'tr.grp a')),
    ...(await linksIn(page, 'section[aria-labelledby="where"] td a')),
  ];
  expect(links.length).toBeGreaterThan(12);
  await walkCounts(page, links, 'changes');
});

test('every count of many sides leads to a list of as many tests', async ({ page, baseURL }) => {
  await page.goto((await pagesOf(baseURL ?? ''))['many sides'] ?? '');
  const links = [
    ...(await linksIn(page, 'nav[aria-label="What became of tests"] a')),
    ...(await linksIn(page, '.verdict a')),
    ...(await linksIn(page, '[aria-label="Sides"] td a:not([href^="/results"])')),
  ];
  expect(links.length).toBeGreaterThan(8);
  await walkCounts(page, links, 'changes');
});

test('the title has the verdict, and swapping turns it round', async ({ page, baseURL }) => {
  await openComparison(page, baseURL);
  const [, from, to, worse, fixed] = /^(.+) to (.+): (\d+) worse, (\d+) fixed · Basalt$/.exec(await page.title()) ?? [];
  await page.getByRole('link', { name: 'Swap A and B' }).click();
  await expect(page).toHaveTitle(`${to} to ${from}: ${fixed} worse, ${worse} fixed · Basalt`);
});

test('what the sides do not both cover is said before any number', async ({ page, baseURL }) => {
  await openComparison(page, baseURL);
  const note = page.getByRole('note');
  await expect(note).toContainText('The two sides do not cover the same ground.');
  const [noteBox, verdictBox] = [await note.boundingBox(), await page.locator('.verdict').boundingBox()];
  expect((noteBox?.y ?? 0) + (noteBox?.height ?? 0)).toBeLessThanOrEqual(verdictBox?.y ?? 0);
  await note.getByRole('link', { name: 'listed below' }).click();
  await expect(page.getByRole('heading', { name: 'Ran for one side only' })).toBeInViewport();
});

test('a build compared with itself, one that is not there, and a lab that is not there say so', async ({
  page,
  baseURL,
}) => {
  const project = await openComparison(page, baseURL);
  const [newest] = await buildsOf(baseURL ?? '', project);
  const path = `/compare?${new URLSearchParams({ project, base: newest?.version ?? '' })}`;
  await page.goto(path);
  await expect(page.getByRole('note')).toContainText('A and B are the same build.');
  await page.goto(`/compare?${new URLSearchParams({ project, base: 'v0' })}`);
  await expect(page.getByText(`${project} has no build v0, which A names.`)).toBeVisible();
  await page.goto(`${path}&baseLab=nowhere`);
  await expect(page.getByText('There is no lab nowhere.')).toBeVisible();
});

test('builds with nothing in common say so', async ({ page, baseURL }) => {
  const project = await openComparison(page, baseURL);
  await page.goto(`/compare?${new URLSearchParams({ project, suite: 'nothing-is-called-so' })}`);
  await expect(page.getByRole('note')).toContainText('A and B have no test in common.');
});

test('every count of the labs leads to a list of as many tests, and every result to its log', async ({
  page,
  baseURL,
}) => {
  await page.goto((await pagesOf(baseURL ?? ''))['lab agreement'] ?? '');
  const links = [
    ...(await linksIn(page, 'nav[aria-label="What the labs say"] a')),
    ...(await linksIn(page, 'section[aria-labelledby="pairs"] a')),
    ...(await linksIn(page, '.verdict a')),
  ];
  expect(links.length).toBeGreaterThan(10);
  await expect(page).toHaveTitle(/: labs disagree on \d+ · Basalt$/);
  const log = page.locator('section[aria-labelledby="tests"] td a').first();
  const [, line] = /L(\d+)$/.exec(await log.innerText()) ?? [];
  const href = await log.getAttribute('href');
  await walkCounts(page, links, 'tests');
  await page.goto(href ?? '');
  await expect(page.locator(`#L${line}`)).toBeVisible();
});

test('kinds of boards are compared with each other, and counts lead to lists of as many', async ({ page, baseURL }) => {
  const project = await openComparison(page, baseURL);
  const [newest] = await buildsOf(baseURL ?? '', project);
  const version = newest?.version ?? '';
  const types = { baseType: 'juno-r2', targetType: 'beaglebone-black' };
  await page.goto(`/compare?${new URLSearchParams({ project, base: version, target: version, ...types })}`);
  await expect(page).toHaveTitle(new RegExp(`^${version} on juno-r2 to ${version} on beaglebone-black: `));
  const links = await linksIn(page, 'nav[aria-label="What became of tests"] a, tr.grp a');
  expect(links.length).toBeGreaterThan(6);
  await walkCounts(page, links, 'changes');
});

test('both logs of a change stand side by side, and what is compared of them is said', async ({ page, baseURL }) => {
  await openComparison(page, baseURL);
  await page.getByRole('link', { name: 'both' }).first().click();
  await expect(page.getByText(/^Compared: all \d+ lines of A; all \d+ lines of B\. \d+ lines the same/)).toBeVisible();
  await expect(page.locator('.sbs tr.differs').first()).toBeVisible();
  await expect(page.locator('.sbs tr.fold').first()).toContainText(/^\d+ same lines left out$/);
  await walkCounts(page, await linksIn(page, 'nav[aria-label="What became of tests"] a'), 'changes');
  await page.goto('/compare/jobs?base=alpha/none&target=alpha');
  await expect(page.getByText('There is no job alpha/none and no job alpha.')).toBeVisible();
});

test('a build with open jobs is said to be still running', async ({ page }) => {
  const build = (version: string) => ({
    definition: `job_name: x\nvisibility: public\nmetadata:\n  git-tree: mainline\n  git-describe: ${version}\n  git-branch: master\n`,
  });
  const lab = await serveLab((master) => {
    addJob(master, 1, build('v1'));
    addJob(master, 2, build('v2'));
    Object.assign(openJob(master, 3).row, build('v2'));
  });
  try {
    await page.goto(`${lab.url}/compare?project=mainline`);
    await expect(page.getByRole('note')).toContainText('B is still running. 1 job is not finished');
  } finally {
    await lab.close();
  }
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('sides are picked in forms', async ({ page, baseURL }) => {
    const project = await openComparison(page, baseURL);
    const [newest, , oldest] = await buildsOf(baseURL ?? '', project);
    await page.locator('details.side > summary').first().click();
    await page.getByRole('combobox', { name: 'Build A' }).fill(oldest?.version ?? '');
    await page.getByRole('button', { name: 'Compare' }).first().click();
    await expect(page).toHaveTitle(new RegExp(`^${oldest?.version} to ${newest?.version}: `));
    await page.locator('details.side > summary').last().click();
    await page.getByRole('combobox', { name: 'Lab' }).last().selectOption('beta');
    await page.getByRole('button', { name: 'Compare' }).last().click();
    await expect(page).toHaveTitle(new RegExp(`^${oldest?.version} to ${newest?.version} in beta: `));
  });

  test('two builds of a list are picked and compared', async ({ page, baseURL }) => {
    const project = await openComparison(page, baseURL);
    const [newest, , oldest] = await buildsOf(baseURL ?? '', project);
    await page.goto(`/builds?${new URLSearchParams({ project })}`);
    await page.getByRole('radio', { name: `A: ${oldest?.version}` }).check();
    await page.getByRole('button', { name: 'Compare A with B' }).click();
    await expect(page).toHaveTitle(new RegExp(`^${oldest?.version} to ${newest?.version}: `));
  });

  test('a build leads to its comparison with the one before', async ({ page, baseURL }) => {
    await page.goto((await pagesOf(baseURL ?? ''))['a build'] ?? '');
    await page.getByRole('link', { name: 'Compare with it' }).click();
    await expect(page).toHaveTitle(/ to .+: \d+ worse, \d+ fixed · Basalt$/);
  });
});
