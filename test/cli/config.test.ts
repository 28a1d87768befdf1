import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig, parseConfig } from '#cli/config.ts';
import { main } from '#cli/main.ts';
import { ConfigError } from '#cli/yaml-file.ts';
import { temporaryFolder } from '../store/temporary.ts';

function problemsOf(text: string, env: Record<string, string> = {}): readonly string[] {
  try {
    parseConfig(text, '/etc/basalt.yaml', env);
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems;
    throw cause;
  }
  return [];
}

describe('basalt.yaml', () => {
  test('a small file is enough', () => {
    const config = parseConfig('sources:\n  - slug: alpha\n    url: http://127.0.0.1:8101\n', '/etc/basalt.yaml', {
      BASALT_DATA: '/var/lib/basalt',
    });

    expect(config.sources[0]).toMatchObject({
      slug: 'alpha',
      url: 'http://127.0.0.1:8101/',
      visibility: 'public',
      budget: { concurrent: 2, perMinute: 120 },
    });
    expect(config.store).toEqual({ url: 'sqlite:/var/lib/basalt/basalt.db' });
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000 });
  });

  test('what a caller may ask in a minute is no less than what one query may', () => {
    expect(parseConfig('limits: { costPerMinute: 90000 }', '/etc/basalt.yaml', {}).costPerMinute).toBe(90_000);
    expect(parseConfig('sources: []', '/etc/basalt.yaml', {}).costPerMinute).toBe(5_000_000);
    expect(problemsOf('limits: { costPerMinute: 10 }')).toEqual([
      '/etc/basalt.yaml:1: limits.costPerMinute: use 50000 or more: one query may cost as much',
    ]);
  });

  test('proxies that are believed are addresses and networks', () => {
    expect(parseConfig('proxies: [10.0.0.5, "fd00::/64"]', '/etc/basalt.yaml', {}).proxies).toEqual([
      '10.0.0.5',
      'fd00::/64',
    ]);
    expect(problemsOf('proxies: [proxy.example]')).toEqual([
      '/etc/basalt.yaml:1: proxies.0: write an address of a proxy, or a network that is only of proxies: 10.0.0.5, 10.0.0.0/28, fd00::/64',
    ]);
  });

  test('where messages may go, and by which server mail leaves', () => {
    const text = 'webhooks: { privateHosts: ["hooks.lab", "127.0.0.1:9000"] }\nmail: { smtp: { env: S }, from: a@b }\n';
    const given = (smtp: string) => parseConfig(text, '/etc/basalt.yaml', { S: smtp });
    expect(given('smtps://ann:p%40ss@mail.example')).toMatchObject({
      webhooks: { privateHosts: ['hooks.lab', '127.0.0.1:9000'] },
      mail: { smtp: 'smtps://ann:p%40ss@mail.example', from: 'a@b' },
    });
    expect(parseConfig('', '/etc/basalt.yaml', {})).toMatchObject({ webhooks: { privateHosts: [] }, mail: null });
    expect(() => given('mail.example')).toThrow('basalt.yaml:2: write smtp://USER:PASSWORD@HOST:PORT, or smtps://');
    expect(problemsOf('webhooks: { privateHosts: ["https://hooks.lab/"] }')).toEqual([
      expect.stringContaining('webhooks.privateHosts.0: write HOST or HOST:PORT'),
    ]);
  });

  test('how long things are kept: whole days, and no part longer than what it hangs on', () => {
    const withRetention = (text: string) =>
      `sources:\n  - slug: alpha\n    url: http://127.0.0.1:8101\n    retention: ${text}\n`;
    const config = parseConfig(withRetention('{ logs: 90, results: 730 }'), '/etc/basalt.yaml', {});
    expect(config.sources[0]?.retention).toEqual({ logs: 90, results: 730 });

    expect(problemsOf(withRetention('{ logs: 90, results: 30 }'))).toEqual([
      '/etc/basalt.yaml:4: sources.0.retention.logs: 90 days are more than the 30 of results, which take logs with them; give logs at most 30',
    ]);
    expect(problemsOf(withRetention('{ detail: 0 }'))).toEqual([
      '/etc/basalt.yaml:4: sources.0.retention.detail: write whole days, 1 or more; what is not named is kept for ever',
    ]);
    expect(problemsOf(withRetention('{ detail: long }'))[0]).toMatch(/write whole days/);
    expect(problemsOf(withRetention('{ log: 9 }'))[0]).toMatch(/:4: sources.0.retention.log: nobody knows this key/);
  });

  test('a ZMQ publisher is named by its address and port', () => {
    const withZmq = (zmq: string) => `sources:\n  - slug: a\n    url: http://a.example/\n    zmq: "${zmq}"\n`;
    for (const zmq of ['tcp://lava.example.org:5500', 'tcp://10.0.0.7:8301', 'tcp://[fd00::1]:5500'])
      expect(parseConfig(withZmq(zmq), '/etc/basalt.yaml', {}).sources[0]?.zmq).toBe(zmq);
    for (const zmq of ['http://a:5500', 'tcp://a', 'ipc:///tmp/x', 'tcp://user@a:5500'])
      expect(problemsOf(withZmq(zmq))[0]).toMatch(/zmq: write the address of its publisher/);
    expect(problemsOf(withZmq('tcp://a:65536'))[0]).toMatch(/the port is at most 65535/);
  });

  test('a source that an agent reads has a key and nothing that the agent asks the master by', () => {
    const env = { KEY: 'a-key-that-a-machine-has-made', SHORT: 'short', TOKEN: 'sesame' };
    const parse = (more: string) =>
      problemsOf(`sources:\n  - { slug: lab, url: http://lava.lan/, kind: agent, ${more} }\n`, env);
    expect(parse('agentKey: { env: KEY }')).toEqual([]);
    expect(parse('paused: false')).toEqual(['/etc/basalt.yaml:2: an agent pushes by a key: agentKey: { env: NAME }']);
    expect(parse('agentKey: { env: SHORT }')[0]).toMatch(
      /:2: 5 characters are no key; make one by `openssl rand -hex 32`/,
    );
    expect(parse('agentKey: { env: KEY }, token: { env: TOKEN }')[0]).toMatch(/is the agent's: write it there/);
    const lab = (url: string) => `agent: { url: "${url}" }\n`;
    expect(problemsOf(lab('http://basalt.example/'))[0]).toMatch(/:1: a key goes by https only/);
    expect(parseConfig(lab('https://basalt.example'), '/etc/basalt.yaml', {}).agent).toEqual({
      url: 'https://basalt.example/',
      spoolMegabytes: 1024,
      caPem: null,
    });
  });

  test('a PostgreSQL store is named by a secret, a standby for reading beside it', () => {
    const env = { PRIMARY: 'postgres://basalt:secret@db1/basalt', STANDBY: 'postgres://basalt:secret@db2/basalt' };
    const parse = (store: string) => parseConfig(`store: ${store}\n`, '/etc/basalt.yaml', env).store;

    expect(parse('{ env: PRIMARY }')).toEqual({ url: env.PRIMARY, logDir: resolve('data/logs') });
    expect(parse('{ url: { env: PRIMARY }, readUrl: { env: STANDBY } }')).toEqual({
      url: env.PRIMARY,
      readUrl: env.STANDBY,
      logDir: resolve('data/logs'),
    });
    expect(problemsOf('sources: []\nstore: mysql://root:secret@db/x\n')).toEqual([
      expect.stringMatching(/^\/etc\/basalt.yaml:2: store: "mysql:\/\/db\/x" is not understood; write sqlite:PATH/),
    ]);
    expect(problemsOf('store: { env: NOWHERE }')[0]).toContain('NOWHERE');
    for (const url of ['postgres://basalt:a#secret@db/x', 'postgres://basalt:5/secret@db/x']) {
      const [problem, ...others] = problemsOf('sources: []\nstore: { env: STORE }\n', { STORE: url });
      expect([problem, others]).toEqual([expect.stringMatching(/^\/etc\/basalt.yaml:2: store: .* not understood/), []]);
      expect(problem).not.toContain('secret');
    }
  });

  test('every problem is told with its line', () => {
    const problems = problemsOf(
      [
        'sources:',
        '  - slug: Alpha',
        '    url: ftp://x',
        '    tokn: abc',
        '  - slug: beta',
        'projects: 3',
        'colour: red',
      ].join('\n'),
    );

    expect(problems.map((p) => p.split(': ').slice(0, 2).join(': '))).toEqual([
      '/etc/basalt.yaml:2: sources.0.slug',
      '/etc/basalt.yaml:3: sources.0.url',
      '/etc/basalt.yaml:4: sources.0.tokn',
      '/etc/basalt.yaml:5: sources.1.url',
      '/etc/basalt.yaml:6: projects',
      '/etc/basalt.yaml:7: colour',
    ]);
  });

  test('a secret that is written down, or is not there, is refused', () => {
    const source = (token: string) => `sources:\n  - slug: a\n    url: http://a.example/\n    token: ${token}\n`;

    expect(problemsOf(source('abcdef'))[0]).toContain(
      '/etc/basalt.yaml:4: sources.0.token: write { env: NAME } or { file: PATH }',
    );
    expect(problemsOf(source('{ env: NOT_SET }'))[0]).toContain('the environment has no NOT_SET');
    expect(problemsOf(source('{ env: EMPTY }'), { EMPTY: '' })[0]).toContain('the environment has no EMPTY');
    expect(problemsOf(source('{ file: /does/not/exist }'))[0]).toContain('/does/not/exist cannot be read');
    expect(problemsOf(source('{ env: TOKEN }'), { TOKEN: 'abc' })).toEqual([]);
  });

  test('events are heard unless they are off, and the token of callbacks is a secret of its own', () => {
    const text = (more: string) => `sources:\n  - slug: a\n    url: http://a.example/\n${more}`;
    const [plain] = parseConfig(text(''), '/etc/basalt.yaml', {}).sources;
    expect(plain).toMatchObject({ events: 'auto', callbackToken: null });
    const more = '    events: off\n    callback: { token: { env: CALLBACK } }\n';
    const [source] = parseConfig(text(more), '/etc/basalt.yaml', { CALLBACK: 'open sesame' }).sources;
    expect(source).toMatchObject({ events: 'off', callbackToken: 'open sesame' });
    expect(source).not.toHaveProperty('callback');
    expect(problemsOf(text(more))).toEqual([
      '/etc/basalt.yaml:5: the environment has no CALLBACK: set it to the secret, or use { file: PATH }',
    ]);
    expect(problemsOf(text('    callback: { token: abcdef }\n'))[0]).toContain('write { env: NAME } or { file: PATH }');
    expect(problemsOf(text('    events: yes\n'))).toEqual(['/etc/basalt.yaml:4: sources.0.events: use auto or off']);
  });

  test('a slug twice, a wrong schedule and a restricted source without teams are told together', () => {
    const problems = problemsOf(
      'sources:\n  - slug: a\n    url: http://a.example/\n    poll: often\n  - slug: a\n    url: http://b.example/\n    visibility: restricted\n',
    );

    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(
      /:4: "often" is no cron expression.*:5: "a" is taken.*:7: a restricted source/s,
    );
  });

  test('YAML that does not parse is told with its line, once', () => {
    expect(problemsOf('sources: []\nsources: []\n')).toEqual(['/etc/basalt.yaml:2: Map keys must be unique']);
    expect(problemsOf('sources:\n  - slug: [a\n')[0]).toMatch(/^\/etc\/basalt\.yaml:\d+: (?!.*line)/);
  });

  test('a rule for a source that is not there, a template that is none, a standby of a file', () => {
    const rule = (more: string) => `projects:\n  - slug: x\n    match: { tree: x }\n    ${more}\n`;
    expect(problemsOf(rule('build: "{describe"'))[0]).toMatch(/:4: projects.0.build: write \{KEY\}/);
    expect(problemsOf(rule('build: "{a}-{b:basename}"'))).toEqual([]);
    expect(problemsOf(rule('build: v1\n    sources: [nowhere]'))).toEqual([
      '/etc/basalt.yaml:5: no source is called "nowhere"',
    ]);
    expect(problemsOf('store: { url: sqlite:x.db, readUrl: postgres://db/x }\n')).toEqual([
      '/etc/basalt.yaml:1: only PostgreSQL has a standby to read from',
    ]);
  });

  test('a wrong port and a wrong level are told', () => {
    expect(problemsOf('', { PORT: '99999', BASALT_LOG_LEVEL: 'loud' })).toHaveLength(2);
  });

  test('a missing file says where it was looked for', () => {
    expect(() => loadConfig({ BASALT_CONFIG: '/does/not/exist.yaml' })).toThrow(
      /\/does\/not\/exist\.yaml: cannot be read \(ENOENT\)/,
    );
  });

  test('the command ends with 78', async () => {
    const path = join(temporaryFolder(), 'basalt.yaml');
    writeFileSync(path, 'sources: 3\n');

    expect(await main(['-c', path, 'audit'])).toBe(78);
  });

  test('S-41: nothing is read where no certificate would be checked', async () => {
    const said: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => {
      write.mockRestore();
      vi.unstubAllEnvs();
    });
    for (const command of ['serve', 'ingest', 'agent', 'sync']) expect(await main([command])).toBe(78);
    expect(said.join('')).toMatch(/^NODE_TLS_REJECT_UNAUTHORIZED=0 .*: unset it, and name the authority/);
  });

  test('a name that is none ends with 2', async () => {
    const path = join(temporaryFolder(), 'basalt.yaml');
    writeFileSync(path, 'sources: [{ slug: alpha, url: http://127.0.0.1:9/ }]\n');
    const said: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    vi.stubEnv('BASALT_DATA', temporaryFolder());
    onTestFinished(() => {
      write.mockRestore();
      vi.unstubAllEnvs();
    });
    for (const args of [['synk'], ['audit', 'beta'], ['retention', 'plan', 'beta'], ['sync', '--bogus']]) {
      expect(await main(['-c', path, ...args])).toBe(2);
    }
    expect(said[0]).toMatch(/^error: unknown command 'synk'; there are: help, serve, /);
    expect(said.slice(1, 3)).toEqual(Array(2).fill('no source is called "beta"; there are: alpha\n'));
  });
});

describe('access.oidc', () => {
  const file = (more: object = {}) =>
    JSON.stringify({
      access: {
        oidc: {
          ...{ issuer: 'https://login.example/realms/lab', clientId: 'basalt', clientSecret: { env: 'SECRET' } },
          ...{ name: 'Example', groups: { devs: { team: 'kernel' } }, ...more },
        },
      },
    });
  const env = { SECRET: 'sesame' };

  test('what it says is read, with its secret, and what it leaves out has a default', () => {
    const groups = { devs: { team: 'kernel', role: 'source-admin' }, root: [{ role: 'admin' }, { team: 'storage' }] };
    expect(parseConfig(file({ groups }), '/etc/basalt.yaml', env).oidc).toEqual({
      ...{ issuer: 'https://login.example/realms/lab', clientId: 'basalt', clientSecret: 'sesame', caPem: null },
      ...{ name: 'Example', scopes: ['openid', 'profile', 'email'], groupsClaim: 'groups', everybody: false },
      ...{ refreshMinutes: 5, graceMinutes: 60 },
      groups: {
        devs: [{ team: 'kernel', role: 'source-admin' }],
        root: [{ role: 'admin' }, { team: 'storage', role: 'viewer' }],
      },
    });
    expect(parseConfig('', '/etc/basalt.yaml', {}).oidc).toBeNull();
  });

  test.each<[string, object, RegExp]>([
    ['a name and a password by plain HTTP', { issuer: 'http://login.example/' }, /: who signs in .* https only/],
    ['an issuer that is none', { issuer: 'login.example' }, /issuer: write the address of the provider/],
    ['a secret in the file', { clientSecret: 'sesame' }, /clientSecret: write \{ env: NAME \} or \{ file: PATH \}/],
    [
      'a role that is none in a team',
      { groups: { devs: { team: 'a', role: 'admin' } } },
      /groups.devs.0: in a team one is viewer or source-admin/,
    ],
    ['a group that may nothing', { groups: { devs: {} } }, /groups.devs.0: say what the group may/],
    ['groups that let nobody in', { groups: {} }, /groups: nobody could sign in/],
    ['scopes without openid', { scopes: ['profile'] }, /scopes: openid is always one of them/],
    ['an interval of seconds', { refreshMinutes: 0.1 }, /refreshMinutes: use 1 to 60/],
    ['a key that nobody knows', { tenant: 'x' }, /tenant: nobody knows this key/],
  ])('%s is refused in words', (_, more, words) => {
    expect(problemsOf(file(more), env)).toEqual([expect.stringMatching(words)]);
  });

  test('a loopback provider may be asked by plain HTTP, and a shared store needs a key', () => {
    expect(problemsOf(file({ issuer: 'http://127.0.0.1:4000' }), env)).toEqual([]);
    const shared = JSON.stringify({ ...JSON.parse(file()), store: { env: 'STORE' } });
    const problems = problemsOf(shared, { ...env, STORE: 'postgres://basalt:x@db.example/basalt' });
    expect(problems).toEqual([expect.stringMatching(/kept encrypted: set BASALT_SECRET_KEY/)]);
  });
});
