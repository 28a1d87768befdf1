/** What a lab's admin sees of its copy, and what nobody else does. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { addJob, testCase } from '../adapters/fake-master.ts';
import { lendParser, walkPages } from './counts.ts';
import { openPage } from './open-page.ts';
import { type ServedLab, serveLab } from './served-lab.ts';

let lab: ServedLab;

test.beforeAll(async () => {
  lab = await serveLab((master) => {
    for (let id = 6; id <= 40; id++) addJob(master, id);
    for (const one of master.jobs.get(40)?.tests ?? []) one.result = 'fail';
    for (const [id, message] of [
      [7, 'no power'],
      [8, 'no power'],
      [9, 'no network'],
    ] as const) {
      const job = addJob(master, id, { health: 'Incomplete' });
      const metadata = `case: job\nerror_msg: ${message}\nerror_type: Infrastructure\nresult: fail\n`;
      job.tests.push(testCase(id * 1000 + 500, id * 10 - 1, 'job', { result: 'fail', metadata }));
    }
    for (let id = 41; id <= 70; id++)
      addJob(master, id, {
        state: 'Exploded',
        description: `<img src=x onerror="document.title='taken'"> token: sesame-0123456789 ${'x'.repeat(9000)}`,
      });
  });
});
test.afterAll(() => lab?.close());

/** With script and without. */
async function splitAndUndo(page: Page): Promise<void> {
  await page.goto(`${lab.url}/failures?since=2020-01-01`);
  await page.getByRole('link', { name: 'no power', exact: true }).click();
  await expect(page.getByText('2 of 2 jobs')).toBeVisible();
  const here = page.url();
  const tryIt = async (pattern: string) => {
    const way = page.getByRole('combobox', { name: 'By what it is split' });
    if (!(await way.isVisible())) await page.getByText('Two failures in one').click();
    await way.selectOption('Message');
    await page.getByRole('textbox', { name: /^Pattern of the message/ }).fill(pattern);
    await page.getByRole('button', { name: 'See what would be split' }).click();
  };
  await tryIt('(?=x)');
  await expect(page.getByRole('alert').filter({ hasText: 'The pattern is none' })).toBeVisible();
  await tryIt('network');
  await expect(page.getByRole('status').filter({ hasText: 'It splits nothing off: none of 2 jobs.' })).toBeVisible();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await tryIt('^no p');
  await expect(page.getByRole('status').filter({ hasText: 'It takes everything: each of 2 jobs' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Why' }).fill('the PDU, not the mains');
  await page.getByRole('button', { name: 'Split', exact: true }).click();
  await expect(async () => {
    await page.goto(here);
    await expect(page.getByText('Each of its jobs is in a part of it.')).toBeVisible({ timeout: 1_000 });
    // A page that was read while the jobs moved may not know of the part yet.
    await page.getByRole('link', { name: 'no power · /^no p/' }).click({ timeout: 1_000 });
  }).toPass();
  await expect(
    page.getByText(/^Split from no power by the pattern .*by root .* ago: the PDU, not the mains/),
  ).toBeVisible();
  await expect(page.getByText('2 of 2 jobs')).toBeVisible();
  await page.getByRole('button', { name: 'Undo the split by the pattern ^no p of the message' }).click();
  await expect(async () => {
    await page.goto(here);
    await expect(page.getByText('2 of 2 jobs')).toBeVisible({ timeout: 1_000 });
  }).toPass();
}

test.describe('an admin', () => {
  test.use({ extraHTTPHeaders: { authorization: 'Bearer sesame' } });

  test('reads what a record says byte by byte, never as a page, and what to do about it', async ({ page }) => {
    await page.goto(`${lab.url}/labs/lab/quarantine`);
    await expect(page).toHaveTitle('30 records of lab in quarantine · Basalt');
    await expect(page.getByRole('list').filter({ hasText: 'lab/70' }).locator('> li')).toHaveCount(25);
    await page
      .getByText(/^No\. \d+/)
      .first()
      .click();
    const raw = page.locator('pre.raw').first();
    await expect(raw).toContainText(/^\{"id":70,/);
    await expect(raw).toContainText('<img src=x onerror=');
    await expect(raw).toContainText('token: [redacted]');
    await expect(page.getByText(/^npx basalt quarantine discard \d+$/).first()).toBeVisible();
    await expect(page.getByText('npx basalt quarantine replay lab')).toBeVisible();
    await page.getByRole('link', { name: 'All of them' }).first().click();
    await expect(page.getByRole('heading', { name: /^Bytes of record/ })).toBeVisible();
    await page.getByRole('link', { name: 'After', exact: true }).click();
    await expect(page.locator('pre.all')).toContainText(/^x+/);
    await expect(page).not.toHaveTitle('taken');
    await page.getByRole('link', { name: 'Older' }).click();
    await expect(page.getByText('5 of 30 records')).toBeVisible();
    await expect(page.getByText('lab/41', { exact: true })).toBeVisible();
  });

  test('sees what the master was asked and what of it is in quarantine', async ({ page }) => {
    await page.goto(`${lab.url}/labs/lab/sync`);
    await expect(page.getByRole('row', { name: /^Results of a job/ })).toBeVisible();
    const [hour, day] = await page.getByRole('row', { name: /^Logs/ }).getByRole('cell').allInnerTexts();
    expect([hour, day]).toEqual(['35', '35']);
    await expect(page.getByText('30 rows of jobs')).toBeVisible();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect(page.getByText(/^History: 35 jobs written, 30 records quarantined/)).toBeVisible();
    await page.goto(`${lab.url}/labs`);
    await expect(page.getByRole('row', { name: /^lab/ })).toContainText('of its budget');
  });

  test('leaves results out of the numbers with a reason, and takes them back', async ({ page }) => {
    await page.goto(`${lab.url}/jobs/lab/40`);
    const failing = page.getByRole('region', { name: 'Failing' });
    await page.getByText('Leave results out of the numbers').click();
    await page.getByRole('checkbox', { name: 'case-0' }).check();
    await page.getByRole('checkbox', { name: 'case-2' }).check();
    await page.getByLabel('Why').fill('cable unplugged');
    await page.getByRole('button', { name: 'Leave 2 results out' }).click();
    const left = page.getByRole('region', { name: 'Left out of the numbers' });
    await expect(left.getByRole('row', { name: /case-2 cable unplugged/ })).toContainText(/^fail.*root/);
    await expect(failing.getByRole('rowheader')).toHaveText([/case-1/]);
    await page.getByText('Write a note').click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
    await left
      .getByRole('row', { name: /case-2/ })
      .getByRole('button', { name: 'Take back' })
      .click();
    await expect(left.getByRole('row')).toHaveCount(2);
    await expect(failing.getByRole('rowheader')).toHaveText([/case-1/, /case-2/]);
    const forVisitors = await (await fetch(`${lab.url}/jobs/lab/40`)).text();
    expect(forVisitors).toContain('cable unplugged');
    expect(forVisitors).not.toMatch(/Take back|Leave results out/);
  });

  test('says what failures are by keys, takes it back, and sees why not', async ({ page }) => {
    await openPage(page, `${lab.url}/triage?since=2020-01-01`);
    await expect(page).toHaveTitle('2 failures to triage · Basalt');
    const rows = page.locator('tr[data-group]');
    await page.keyboard.press('j');
    await page.keyboard.press('b');
    await expect(page.getByRole('dialog', { name: 'This failure is a bug' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('link', { name: 'no power' })).toBeFocused();
    await page.keyboard.press('f');
    await expect(rows).toHaveCount(1);
    await expect(page.getByText('1 failure is said to be flaky.')).toBeVisible();
    await expect(page.getByText(/^1 of 2 failures/)).toBeVisible();
    await expect(page.getByRole('link', { name: 'no network' })).toBeFocused();
    await page.keyboard.press('u');
    await expect(rows).toHaveCount(2);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('k');
    await page.keyboard.press('x');
    await expect(page.getByRole('toolbar')).toContainText('2 failures');
    const userErrors = [{ code: 'FORBIDDEN', field: null, message: 'Your role was taken away.' }];
    await page.route('**/graphql', (route) =>
      route.fulfill({ json: { data: { payload: { changes: [], userErrors } } } }),
    );
    await page.keyboard.press('c');
    await expect(rows.filter({ hasText: 'Your role was taken away.' })).toHaveCount(2);
    await page.setViewportSize({ width: 390, height: 900 });
    await expect(rows.first().getByText('Your role was taken away.')).toBeVisible();
    await page.unroute('**/graphql');
    const all = await page.request.post(`${lab.url}/graphql`, {
      data: { query: '{ failureGroups(filter: {triaged: true}) { totalCount } }' },
    });
    expect(await all.json()).toMatchObject({ data: { failureGroups: { totalCount: 0 } } });
  });

  test('says which known issue a failure is: one that is entered, and one that is found by typing', async ({
    page,
  }) => {
    await openPage(page, `${lab.url}/triage?since=2020-01-01`);
    await page.keyboard.press('j');
    await page.keyboard.press('b');
    const dialog = page.getByRole('dialog', { name: 'This failure is a bug' });
    await expect(dialog.getByText('0 of 0')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
    expect(violations).toEqual([]);
    await page.keyboard.type('psu dies');
    await expect(dialog.getByLabel('Title')).toHaveValue('psu dies');
    await expect(dialog.getByLabel('Pattern over the error message')).toHaveValue('no power');
    await dialog.getByLabel('Pattern over the error message').fill('no (?=power)');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('at character 4');
    await dialog.getByLabel('Pattern over the error message').fill('no power');
    await page.keyboard.press('Enter');
    await expect(page.getByText('1 failure is said to be a bug.')).toBeVisible();
    await expect(dialog).toBeHidden();
    await page.keyboard.press('b');
    await expect(dialog.getByText('1 of 1')).toBeVisible();
    await page.keyboard.type('dies');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Everything is triaged')).toBeVisible();
    await page.goto(`${lab.url}/triage?since=2020-01-01&said=Bug`);
    await expect(page.getByRole('row').getByRole('link', { name: 'psu dies' })).toHaveCount(2);
    const issues = await page.request.post(`${lab.url}/graphql`, {
      data: { query: '{ knownIssues { nodes { title errorPattern } } }' },
    });
    expect(await issues.json()).toMatchObject({
      data: { knownIssues: { nodes: [{ title: 'psu dies', errorPattern: 'no power' }] } },
    });
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Not triaged' }).click();
    await expect(page.getByText('2 failures are to be triaged again.')).toBeVisible();
    await page.goto(`${lab.url}/issues/1`);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('No known issues')).toBeVisible();
  });

  test('splits a failure by its message after a trial, and undoes it', async ({ page }) => {
    await splitAndUndo(page);
  });

  test.describe('without script', () => {
    test.use({ javaScriptEnabled: false });

    test('says what a failure is by a form, and takes it back', async ({ page }) => {
      await page.goto(`${lab.url}/triage?since=2020-01-01`);
      await page.getByRole('combobox', { name: 'What it is: no power' }).selectOption('Flaky');
      await page.getByRole('button', { name: 'Say so: no power' }).click();
      await expect(page.getByRole('link', { name: 'no power' })).toHaveCount(0);
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(page.getByRole('link', { name: 'no power' })).toBeVisible();
      await page.getByRole('link', { name: 'no power' }).click();
      await page.getByRole('textbox', { name: 'Comment, or address in a tracker' }).fill('see https://bugs.example/1');
      await page.getByRole('button', { name: 'Say so: no power' }).click();
      await expect(page.getByRole('link', { name: 'https://bugs.example/1' })).toBeVisible();
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(page.getByRole('link', { name: 'https://bugs.example/1' })).toHaveCount(0);
      await page.getByText('The same as another failure').click();
      await page.getByRole('button', { name: 'See what would move' }).click();
      await expect(page.getByText('2 jobs of this failure and 1 job of no network would be one failure')).toBeVisible();
      await page.getByRole('button', { name: 'Merge' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'no network' })).toBeVisible();
      await expect(page.getByText(/no power, 2 jobs, merged by root/)).toBeVisible();
      await expect(page.getByText('3 of 3 jobs')).toBeVisible();
      await page.getByRole('button', { name: 'Undo the merge of no power' }).click();
      await expect(page.getByText('1 of 1 job')).toBeVisible();
    });

    test('splits a failure by its message after a trial, and undoes it', async ({ page }) => {
      await splitAndUndo(page);
    });
  });

  test('every number leads to a list of as many', async ({ page }) => {
    const pages = ['/labs', '/labs/lab', '/labs/lab/sync?runs=all', '/labs/lab/quarantine', '/mapping', '/names'];
    const readPage = await lendParser(page, lab.url);
    const named = Object.fromEntries(pages.map((path) => [path, path]));
    const { findings } = await walkPages(readPage, named, new Set(['/names', '/labs/lab/sync?runs=all']));
    expect(findings).toEqual([]);
  });

  const draft = '?rule=new&project=all&build=everything';
  const paths = [
    '/triage?since=2020-01-01',
    '/audit-log',
    '/labs',
    '/labs/lab/sync',
    '/labs/lab/quarantine?letter=1',
    `/mapping${draft}`,
    '/names?name=qemu&alias=q',
  ];
  for (const path of paths) {
    test(`${path} is accessible in both themes and widths`, async ({ page }) => {
      await page.goto(`${lab.url}${path}`);
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const width of [1440, 390]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations, `${path} at ${width} in ${colorScheme}`).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        }
      }
    });
  }
});

test.describe('an admin without script', () => {
  test.use({ extraHTTPHeaders: { authorization: 'Bearer sesame' }, javaScriptEnabled: false });

  test('tries a mapping rule, keeps it, sees jobs move, and undoes it', async ({ page }) => {
    await page.goto(`${lab.url}/labs`);
    await page.getByRole('link', { name: 'Mapping' }).click();
    await page.getByRole('link', { name: 'Add a rule' }).click();
    await page.getByRole('textbox', { name: 'Project' }).fill('all');
    await page.getByRole('textbox', { name: 'Build' }).fill('{nothing}');
    await page.getByRole('textbox', { name: 'If the job has' }).fill('x ~ a(?=b)');
    await page.getByRole('button', { name: 'Try on stored jobs' }).click();
    await expect(page.getByRole('alert')).toContainText('or unsupported Perl syntax at character 2');
    await page.getByRole('textbox', { name: 'If the job has' }).fill('');
    await page.getByRole('button', { name: 'Try on stored jobs' }).click();
    await expect(page.getByText('This rule matches nothing.')).toBeVisible();
    await page.getByRole('textbox', { name: 'Build' }).fill('everything');
    await page.getByRole('button', { name: 'Try on stored jobs' }).click();
    await expect(page.getByText('This rule matches everything.')).toBeVisible();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole('status')).toHaveText(/: 35 of 35 jobs moved\.$/, { timeout: 100 });
    }).toPass();
    await page.goto(`${lab.url}/builds?project=all`);
    await expect(page.getByRole('link', { name: 'everything' }).first()).toBeVisible();
    await page.goto(`${lab.url}/mapping`);
    await page.getByRole('button', { name: 'Undo this change' }).click();
    await expect(page.getByRole('button', { name: 'Remove rule 1' })).toHaveCount(0);
  });

  test('writes notes to a job and a result, and removes them', async ({ page }) => {
    await page.goto(`${lab.url}/jobs/lab/40`);
    const notes = page.getByRole('region', { name: 'Notes' });
    const write = async (about: string, text: string) => {
      await notes.getByText('Write a note').click();
      const value = await notes.getByRole('option').filter({ hasText: about }).first().getAttribute('value');
      await notes.getByRole('combobox', { name: 'About' }).selectOption(value);
      await notes.getByRole('textbox', { name: 'Note' }).fill(text);
      await notes.getByRole('button', { name: 'Write it' }).click();
    };
    const text = 'port 3 <b>bent</b>\nsee https://bugs.example/1.';
    await write('the job', text);
    await expect(notes.locator('.written')).toHaveText(text, { useInnerText: true });
    await expect(notes.getByRole('link', { name: 'https://bugs.example/1', exact: true })).toHaveAttribute(
      'rel',
      /noreferrer/,
    );
    await write('case-1', 'odd');
    await expect(notes.getByRole('listitem').filter({ hasText: 'odd' })).toContainText('case-1');
    await expect(page.getByRole('region', { name: 'Failing' }).getByRole('link', { name: '1 note' })).toBeVisible();
    const forVisitors = await (await fetch(`${lab.url}/jobs/lab/40`)).text();
    expect(forVisitors).toContain('https://bugs.example/1');
    expect(forVisitors).not.toMatch(/Write a note|Remove the note/);
    for (const one of ['port 3', 'odd'])
      await notes.getByRole('button', { name: `Remove the note of root: ${one}` }).click();
    await expect(notes.getByRole('listitem')).toHaveCount(0);
    await page.goto(`${lab.url}/jobs/lab/40?note=FORBIDDEN&text=kept#notes`);
    await expect(notes.getByRole('alert')).toContainText('the role triage');
    await expect(notes.getByRole('textbox', { name: 'Note' })).toHaveValue('kept');
  });

  test('gives a device type another name, sees it, and takes it back', async ({ page }) => {
    await page.goto(`${lab.url}/names`);
    await page.getByRole('textbox', { name: 'Name there' }).fill('board');
    await page.getByRole('textbox', { name: 'Name here' }).fill('plank');
    await page.getByRole('button', { name: 'See what it would make one' }).click();
    await expect(page.getByRole('status')).toContainText('No two become one.');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('row', { name: /^plank board/ })).toBeVisible();
    await page.goto(`${lab.url}/devices?type=board`);
    await expect(page.getByText('board (here plank)').filter({ visible: true }).first()).toBeVisible();
    await page.goto(`${lab.url}/names`);
    await page.getByRole('button', { name: 'Take back board' }).click();
    await expect(page.getByRole('heading', { name: 'Every name is as its lab gives it' })).toBeVisible();
  });
});

test('a visitor reads what there is to triage, and what it would take to say something', async ({ page }) => {
  await page.goto(`${lab.url}/triage?since=2020-01-01`);
  await expect(page.getByText('You read this only: the role triage or admin says what a failure is.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'no power' })).toBeVisible();
  await expect(page.getByRole('combobox')).toHaveCount(0);
});

test('a visitor is told of no record, and that admins are', async ({ page }) => {
  await page.goto(`${lab.url}/labs/lab/quarantine?letter=1`);
  await expect(page.getByRole('heading', { name: 'Quarantine is shown to admins' })).toBeVisible();
  for (const path of ['quarantine?letter=1', 'sync', '']) {
    const html = await (await page.request.get(`${lab.url}/labs/lab/${path}`)).text();
    expect(html, path).not.toMatch(/Exploded|\b30 r|\b30 records|lab\/4[1-9]/);
  }
});

test('the explorer asks and changes as who has signed in, and says so before', async ({ page }) => {
  await page.goto(`${lab.url}/sign-in`);
  await page.getByLabel('Token').fill('sesame');
  await page.getByRole('button', { name: 'Sign in with the token' }).click();
  const query = 'mutation { reconcile(input: { slug: "lab" }) { source { slug } userErrors { code } } }';
  await page.goto(`${lab.url}/explorer#${new URLSearchParams({ query })}`);
  await page.getByRole('textbox', { name: 'Query', exact: true }).click();
  await page.keyboard.press('Control+Enter');
  const warning = page.getByRole('dialog', { name: 'This changes something' });
  await expect(warning).toContainText('The mutation is run on this server as root.');
  await warning.getByRole('button', { name: 'Run it' }).click();
  const answer = page.getByRole('group', { name: 'Answer' });
  await expect(answer).toContainText('"slug": "lab"');
  await expect(answer).toContainText('"userErrors": []');
});

test.describe('who may triage', () => {
  test.use({ javaScriptEnabled: false });

  test('tries, saves and undoes a known issue without script; what is wrong keeps what was entered', async ({
    page,
  }) => {
    await page.goto(`${lab.url}/sign-in`);
    await page.getByLabel('Token').fill('sesame');
    await page.getByRole('button', { name: 'Sign in with the token' }).click();
    await page.goto(`${lab.url}/issues/new`);
    await page.getByLabel('Title').fill('usb hub flaps');
    await page.getByLabel('Tracker').fill('javascript:alert(1)');
    await page.getByLabel('Pattern over the error message').fill('usb (?=hub)');
    await page.getByRole('button', { name: 'Try' }).click();
    await expect(page.getByRole('alert')).toContainText('at character 5 ("(?=")');
    await page.getByLabel('Pattern over the error message').fill('usb hub');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('alert')).toContainText('http:// or https://');
    await expect(page.getByLabel('Title')).toHaveValue('usb hub flaps');
    await page.getByLabel('Tracker').fill('https://tracker.example/LAVA-123');
    await page.getByRole('button', { name: 'Try' }).click();
    await expect(page.getByRole('status')).toContainText('30 days');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page).toHaveURL(/\/issues\/\d+$/);
    await expect(page.getByRole('link', { name: 'tracker.example' })).toHaveAttribute('rel', /nofollow/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page).toHaveURL(`${lab.url}/issues`);
    await expect(page.getByText('No known issues')).toBeVisible();
  });
});
