/** Somebody subscribes on a page in two clicks, and a receiver gets what it can verify. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { addJob, testCase } from '../adapters/fake-master.ts';
import { type ServedLab, serveLab } from './served-lab.ts';

const PASSWORD = 'some words that are long';
let lab: ServedLab;
let receiver: Server;
let hook = '';
let mailServer: SMTPServer;
const mails: string[] = [];
const received: { headers: IncomingHttpHeaders; body: string }[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => {
      body += piece;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.end('<b>thanks</b>');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  hook = `http://127.0.0.1:${address.port}/hook`;
  mailServer = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
    onData(stream, _session, done) {
      let raw = '';
      stream.on('data', (piece: Buffer) => {
        raw += piece;
      });
      stream.on('end', () => {
        mails.push(raw.replace(/=\r\n/g, '').replaceAll('=3D', '='));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => mailServer.listen(0, '127.0.0.1', () => resolve()));
  const post = mailServer.server.address();
  if (post === null || typeof post === 'string') throw new Error('no port');
  process.env.SUBSCRIBE_SMTP = `smtp://127.0.0.1:${post.port}`;
  lab = await serveLab(
    (master) => {
      const job = addJob(master, 6, { health: 'Incomplete' });
      const metadata = 'case: job\nerror_msg: no power\nerror_type: Infrastructure\nresult: fail\n';
      job.tests.push(testCase(6500, 59, 'job', { result: 'fail', metadata }));
    },
    {
      webhooks: { privateHosts: [`127.0.0.1:${address.port}`] },
      mail: { smtp: { env: 'SUBSCRIBE_SMTP' }, from: 'basalt@example.org' },
    },
  );
  const made = await fetch(`${lab.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sesame' },
    body: JSON.stringify({
      query: `mutation ($input: SaveAccountInput!) { saveAccount(input: $input) { userErrors { message } } }`,
      variables: { input: { login: 'ann', password: PASSWORD, role: 'ADMIN' } },
    }),
  });
  expect(await made.json()).toMatchObject({ data: { saveAccount: { userErrors: [] } } });
});

test.afterAll(async () => {
  await lab?.close();
  mailServer.close();
  receiver.closeAllConnections();
  receiver.close();
});

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  }
}

test('a visitor is led to sign in, and back to the form; two clicks later a message can be verified', async ({
  page,
}) => {
  await page.goto(`${lab.url}/failures?since=2020-01-01&class=Infrastructure`);
  await page.getByRole('link', { name: 'Subscribe' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in with an account to subscribe' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Login').fill('ann');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();

  await expect(page.getByRole('link', { name: 'New failures, class Infrastructure' })).toBeVisible();
  await page.getByLabel('Address of the webhook').fill('http://127.0.0.1:9/');
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Nothing is sent there.' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Address of the webhook').fill(hook);
  await page.getByRole('button', { name: 'Subscribe' }).click();

  const secret = (await page.getByText(/^whsec_/).textContent()) ?? '';
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect.poll(() => received.length, { timeout: 30_000 }).toBe(1);
  const [got] = received;
  const of = (name: string) => String(got?.headers[name]);
  const shown = Object.fromEntries(
    ['id', 'timestamp', 'signature'].map((name) => [`webhook-${name}`, of(`webhook-${name}`)]),
  );
  expect(new Webhook(secret).verify(got?.body ?? '', shown)).toMatchObject({
    type: 'feed.test',
    data: { subscription: { url: `${lab.url}/failures?class=Infrastructure` } },
  });
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('row', { name: /arrived/ })).toContainText('<b>thanks</b>', { timeout: 1_000 });
  }).toPass();
  await expectAccessible(page);
});

test('the second time it is two clicks; a subscription is paused, goes on, and is deleted', async ({ page }) => {
  await page.goto(`${lab.url}/sign-in`);
  await page.getByLabel('Login').fill('ann');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.goto(`${lab.url}/regressions`);
  await page.getByRole('link', { name: 'Subscribe' }).click();
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await expect(page.getByText(/^whsec_/)).toBeVisible();

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('paused', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.goto(`${lab.url}/account#subscriptions`);
  await expectAccessible(page);
  const rows = page.locator('section:has(#subscriptions) tr');
  await expect(rows).toHaveCount(3);
  await rows.filter({ hasText: 'Regressions' }).getByRole('link').click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(rows).toHaveCount(2);
});

test('by mail, once an admin has said where: a test arrives, and its link ends the subscription', async ({ page }) => {
  await page.goto(`${lab.url}/sign-in?next=${encodeURIComponent('/subscribe?feed=failures')}`);
  await page.getByLabel('Login').fill('ann');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('Mail is not offered: your account has no address')).toBeVisible();
  await page.goto(`${lab.url}/accounts?login=ann`);
  await page.getByLabel('Address').fill('nonsense');
  await page.getByRole('button', { name: 'Save the address' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'This is no address of mail' })).toBeVisible();
  await page.getByLabel('Address').fill('ann@example.org');
  await page.getByRole('button', { name: 'Save the address' }).click();
  await expect(page.getByLabel('Address')).toHaveValue('ann@example.org');

  await page.goto(`${lab.url}/subscribe?feed=failures`);
  await page.getByLabel('by mail to ann@example.org').check();
  await page.getByLabel('When').selectOption('once a day, at 7:00');
  await page.getByLabel('By the clock of').fill('Europe/Berlin');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await expect(page.getByText('daily at 7:00, Europe/Berlin')).toBeVisible();
  const here = page.url();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect.poll(() => mails.length, { timeout: 30_000 }).toBe(1);
  const link = /To get no more: (\S+)/.exec(mails[0] ?? '')?.[1] ?? '';
  await page.goto(link);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Get no more' }).click();
  await expect(page.getByRole('heading', { name: 'You get no more mail of this subscription' })).toBeVisible();
  await page.goto(here);
  await expect(page.getByText('ended by the link in a mail')).toBeVisible();
});
