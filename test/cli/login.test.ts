/** `basalt login`, `logout` and `token`, as somebody types them. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askCredentials } from '#cli/remote/terminal.ts';
import { startServer } from '../api/server.ts';
import { accountServer, TYPED } from './account-server.ts';
import { remote } from './remote.ts';

test('who logs in has a token of his own in a file that is his alone; sessions end, tokens are listed and revoked', {
  timeout: 180_000,
}, async () => {
  const server = await accountServer(['alpha']);
  const { home, run, given } = remote(null);
  const sessions = () => server.store.sql.all('SELECT hash FROM session');
  const before = (await sessions()).length;

  expect(await given('root\nwrong wrong wrong\n', 'login', server.url)).toMatchObject({
    code: 1,
    err: 'login or password is wrong\n',
  });
  const logged = await given(TYPED, 'login', server.url);
  expect(logged).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining(`logged in to ${server.url}/ as root`),
  });
  const path = join(home, 'config/basalt/login.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  expect(kept).toEqual({ url: `${server.url}/`, login: 'root', token: expect.stringMatching(/^basalt_pat_/) });
  expect(await run('gql', '{ viewer { login scopes } }')).toMatchObject({
    out: '{"data":{"viewer":{"login":"root","scopes":["read","read:private"]}}}\n',
  });

  const elsewhere = server.url.replace('127.0.0.1', 'localhost');
  expect((await run('gql', '{ viewer { login } }', '--url', elsewhere)).out).toContain('"login":null');

  const made = await given(
    TYPED,
    'token',
    'create',
    'nightly',
    '--source',
    'alpha',
    '--scope',
    'write:triage',
    '--days',
    '7',
  );
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^basalt_pat_\w+\n$/) });
  expect(await given(TYPED, 'token', 'create', 'nightly', '--source', 'omega')).toMatchObject({ code: 1, out: '' });
  const rows = (await run('token', 'list')).out
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(rows.map((row) => row.slice(2, 5))).toEqual([
    ['nightly', 'write:triage', 'alpha'],
    [expect.stringMatching(/^basalt login on /), 'read', 'all sources'],
  ]);
  expect((await given(TYPED, 'token', 'revoke', rows[1]?.[0] ?? '')).code).toBe(0);
  expect((await server.ask('{ viewer { login } }', { token: kept.token })).status).toBe(401);
  expect((await sessions()).length).toBe(before);

  expect(await given(`${made.out}`, 'login', server.url, '--token', '-')).toMatchObject({ code: 0 });
  expect((await run('logout')).err).toContain('is forgotten here, and lasts on');
  expect(existsSync(path)).toBe(false);
});

test('a token goes by https only, and none is given on the command line', async () => {
  const server = await startServer({ sources: ['alpha'] });
  expect(
    await remote(null, { BASALT_TOKEN: 'x' }).run('gql', '{ meta { version } }', '--url', 'http://basalt.example'),
  ).toMatchObject({
    code: 2,
    err: 'http://basalt.example/: a token goes by https only\n',
  });
  expect((await remote(null).run('login', server.url, '--token', 'secret')).err).toContain('write --token -');
});

test('a password that is typed on a terminal is not shown', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const shown = new PassThrough({ encoding: 'utf8' });
  const asked = askCredentials('ann', input, shown);
  input.write('\rse cret \r');
  expect(await asked).toEqual({ login: 'ann', password: 'se cret ' });
  const said = String(shown.read());
  expect(said).toContain('Login [ann]: ');
  expect(said).toContain('Password: ');
  expect(said).not.toContain('cret');
});
