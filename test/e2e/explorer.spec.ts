import { execFileSync } from 'node:child_process';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

const EXPLORER = '/explorer';
const query = (page: Page) => page.getByRole('textbox', { name: 'Query', exact: true });
const runButton = (page: Page) => page.getByRole('button', { name: /^Run Ctrl/ });
const answer = (page: Page) => page.getByRole('group', { name: 'Answer' });
const cost = (page: Page) => page.locator('.explorer .cost');

async function write(page: Page, text: string): Promise<void> {
  await query(page).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** What the server answered, once it is shown. */
async function answered(page: Page): Promise<{ data?: Record<string, unknown>; errors?: unknown[] }> {
  await expect(answer(page)).toContainText('{');
  return JSON.parse(await answer(page).innerText());
}

/** Rows of the first list in it. */
function rowsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [];
  return (
    Object.values(value)
      .map(rowsOf)
      .find((rows) => rows.length > 0) ?? []
  );
}

test('every example runs by itself and gives rows, and says what it costs', async ({ page }) => {
  test.setTimeout(150_000);
  await page.goto(EXPLORER);
  const choice = page.getByRole('combobox', { name: 'Example' });
  await expect(choice).toBeVisible();
  const tasks = (await choice.locator('option').allInnerTexts()).slice(1);
  expect(tasks.length).toBeGreaterThan(8);
  for (const task of tasks) {
    await choice.selectOption(task);
    await expect(cost(page), task).toContainText(/Costs [\d,]+ of 50,000 · [\d,]+ of 5,000,000 left this minute/);
    // What changed within the last minute is not told yet, and the demo may be as young.
    await expect
      .poll(
        async () => {
          const response = page.waitForResponse(
            (one) => one.url().endsWith('/graphql') && !one.request().postData()?.includes('dryRun'),
          );
          await runButton(page).click();
          const { data, errors } = await (await response).json();
          expect(errors, task).toBeUndefined();
          return rowsOf(data).length;
        },
        { message: task, timeout: 90_000, intervals: [500, 5000] },
      )
      .toBeGreaterThan(0);
  }
});

test('fields are completed, Ctrl-Enter runs, and the address holds the query', async ({ page }) => {
  await page.goto(EXPLORER);
  await write(page, '');
  await page.keyboard.type('{ meta { jobC');
  await page.getByRole('option', { name: /jobCount/ }).click();
  await page.keyboard.press('Control+Enter');
  await expect(answer(page)).toContainText('"jobCount":');
  await expect(page.getByRole('status')).toContainText(/200 · \d+ ms · cost \d+/);
  expect((await answered(page)).data).toMatchObject({ meta: { jobCount: expect.any(Number) } });

  await page.reload();
  await expect(query(page)).toContainText('jobCount');
  await expect(answer(page)).toContainText('Nothing has been asked yet');
});

test('what is wrong is marked where it is, and said with its code', async ({ page }) => {
  await page.goto(EXPLORER);
  await write(page, '{\n  meta { version }\n  jobs(after: "nonsense") { totalCount }\n  nothing\n}');
  await expect(page.locator('.cm-lintRange-error')).toHaveText('nothing');
  await runButton(page).click();
  const errors = page.getByRole('list', { name: 'Errors' }).getByRole('listitem');
  await expect(errors).toHaveText(/BAD_REQUEST.*Cannot query field "nothing".*line 4, column 3/);
  await errors.getByRole('button').click();
  await page.keyboard.insertText('# ');
  await page.keyboard.press('Control+Enter');
  await expect(errors).toHaveText(/BAD_USER_INPUT.*jobs.*line 3, column 3/);
  await expect(page.locator('.cm-lintRange-error')).toHaveText('jobs');
});

test('what is too dear is told before it is run', async ({ page }) => {
  await page.goto(EXPLORER);
  await write(page, '{ jobs(first: 200) { nodes { testCases(first: 10000) { nodes { name } } } } }');
  await expect(cost(page)).toContainText(/The query costs \d+; 50000 are allowed/);
});

test('a mutation runs only when somebody says so, and types are documented', async ({ page }) => {
  await page.goto(EXPLORER);
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/graphql') && !request.postData()?.includes('dryRun')) asked += 1;
  });
  await write(page, 'mutation Leave { removeSource(input: {slug: "alpha"}) { userErrors { code } } }');
  await page.keyboard.press('Control+Enter');
  const warning = page.getByRole('dialog', { name: 'This changes something' });
  await expect(warning).toContainText('The mutation Leave is run on this server as a visitor.');
  await warning.getByRole('button', { name: 'Leave it' }).click();
  await expect(warning).toBeHidden();
  expect(asked).toBe(0);
  await runButton(page).click();
  await warning.getByRole('button', { name: 'Run it' }).click();
  await expect(answer(page)).toContainText('UNAUTHORIZED');

  const docs = page.getByRole('region', { name: /^Type/ });
  await docs.getByLabel('Look up a type').fill('job');
  await page.keyboard.press('Enter');
  await expect(docs.getByRole('heading', { name: 'Type Job' })).toBeVisible();
  await expect(docs.getByText('The number the job has on its master.')).toBeVisible();
  await docs.getByRole('button', { name: 'FailureClass' }).click();
  await expect(docs.getByText('INFRASTRUCTURE', { exact: true })).toBeVisible();

  await write(page, '{ devices {\nnodes { id }\ntotalCount } }');
  const place = { position: { x: 14, y: 9 } };
  await page.locator('.cm-line', { hasText: 'nodes' }).click(place);
  await page.keyboard.press('F1');
  await expect(docs.getByRole('heading', { name: 'Type Device', exact: true })).toBeVisible();
  await page.locator('.cm-line', { hasText: 'totalCount' }).click({ ...place, modifiers: ['ControlOrMeta'] });
  await expect(docs.getByRole('heading', { name: 'Type Int' })).toBeVisible();
});

test('the query of another page opens in it, and no request has it in its address', async ({ page }) => {
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto('/jobs?health=Incomplete');
  await page.getByText('API', { exact: true }).click();
  await page.getByRole('link', { name: 'Open it in the explorer' }).click();
  await expect(page).toHaveURL(/\/explorer#query=/);
  await expect(query(page)).toContainText('query JobsPage');
  await expect(page.getByRole('textbox', { name: 'Variables' })).toContainText('INCOMPLETE');
  expect(addresses.filter((address) => address.includes('JobsPage'))).toEqual([]);
  await runButton(page).click();
  expect((await answered(page)).errors).toBeUndefined();
});

test('it is accessible with an answer, an error and a completion in it, in both themes and widths', async ({
  page,
}) => {
  await page.goto(EXPLORER);
  await write(page, '{ jobs { nodes { extern } } }');
  await runButton(page).click();
  await expect(page.getByRole('list', { name: 'Errors' })).toBeVisible();
  for (const [colorScheme, width] of [
    ['light', 390],
    ['dark', 1440],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations, `${width} in ${colorScheme}`).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  }
});

test('a subscription tells its events until it is stopped', async ({ page }) => {
  await page.goto(EXPLORER);
  await write(page, 'subscription { syncProgress(source: "alpha") { state jobsRead } }');
  await runButton(page).click();
  await expect(page.getByRole('status')).toHaveText('Listening, 1 event');
  await expect(answer(page)).toContainText('"jobsRead":');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(runButton(page)).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('there are the contract, and examples to take along', async ({ page, baseURL }) => {
    await page.goto(EXPLORER);
    await expect(page.getByRole('link', { name: 'schema.graphql' })).toHaveAttribute('href', '/schema.graphql');
    await page.getByText('Newest jobs of a lab').click();
    const command = page.locator('details[open]').getByRole('group', { name: 'curl' });
    await expect(command).toBeVisible();
    const said = execFileSync('bash', ['-c', await command.innerText()], {
      env: { ...process.env, BASALT: baseURL },
      encoding: 'utf8',
    });
    expect(rowsOf(JSON.parse(said).data).length).toBeGreaterThan(0);
    await expect(page.locator('.explorer')).toHaveCount(0);
  });
});
