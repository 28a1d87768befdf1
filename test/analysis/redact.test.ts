import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactDefinition } from '#analysis/redact.ts';

const CANARY = 'c4n4ry';

test('L-43, S-06: no secret comes through, whatever shape it has', () => {
  const text = `job_name: smoke
token: ${CANARY}
  api_key: "${CANARY}"
secrets:
  wifi: ${CANARY}
  nested:
    deep: ${CANARY}
after: stays
notify:
  callback: {url: 'http://x.example/', token: ${CANARY}, dataset: all}
  header: Authorization
image: https://user:${CANARY}@host.example/Image?token=${CANARY}&x=1
steps:
- curl -H 'Authorization: Bearer ${CANARY}' http://x.example
- export GITLAB_PASSWORD: ${CANARY}
password: |
  ${CANARY}
  ${CANARY}
end: stays
`;
  const redacted = redactDefinition(text);

  expect(redacted).not.toContain(CANARY);
  expect(redacted).toContain('job_name: smoke');
  expect(redacted).toContain('after: stays');
  expect(redacted).toContain('end: stays');
  expect(redacted).toContain('dataset: all');
});

test('a definition without secrets stays byte for byte', () => {
  const text =
    'device_type: qemu\nactions:\n- deploy:\n    to: tmpfs\n    images: {kernel: {url: http://x.example/Image}}\n- boot:\n    auto_login: {login_prompt: "login:", username: root}\n';

  expect(redactDefinition(text)).toBe(text);
});

describe('a canary is struck out', () => {
  test.each([
    ['of a list at the indent of its key', `secrets:\n- name: wifi\n  value: ${CANARY}\n- ${CANARY}\nafter: stays`],
    ['of a value that goes on in the next line', `password: "${CANARY}\n  ${CANARY}"\nafter: stays`],
    ['of a folded block', `api_key: >-\n  ${CANARY}\n  ${CANARY}\nafter: stays`],
    ['of a list item with siblings', `- token: ${CANARY}\n  after: stays`],
    ['of a nested block of a list item', `- secrets:\n    a: ${CANARY}\n  after: stays`],
    [
      'of a definition written as JSON',
      `{"job_name": "x", "secrets": {"a": "${CANARY}", "b": "${CANARY}"}, "after": "stays"}`,
    ],
    ['of a list in JSON', `{"tokens": ["${CANARY}", "${CANARY}"], "after": "stays"}`],
    ['with a quote in it', `{"password": "a\\"${CANARY}", "after": "stays"}`],
    ['of a comment', `# token: ${CANARY}\nafter: stays`],
    ['of quoted keys', `"X-Auth-Token": ${CANARY}\n'private key': ${CANARY}\nafter: stays`],
    [
      'of a header in a list',
      `headers:\n- "PRIVATE-TOKEN: ${CANARY}"\n- 'Authorization: Basic ${CANARY}'\nafter: stays`,
    ],
    ['of a command', `- curl -H "PRIVATE-TOKEN: ${CANARY}" -u me:${CANARY} http://x.example\nafter: stays`],
    ['of an assignment', `- export API_TOKEN=${CANARY} && DB_PASSWORD='${CANARY}' ./run\nafter: stays`],
    ['of an option', `- ./run --token ${CANARY} --password=${CANARY} --access-key "${CANARY}"\nafter: stays`],
    ['of sshpass', `- sshpass -p ${CANARY} ssh board\nafter: stays`],
    ['of an address, with an at sign in it', `url: https://me:a@${CANARY}@host.example/x\nafter: stays`],
    ['of an address that is only a token', `url: https://${CANARY}0123456789abcdef@host.example/x\nafter: stays`],
    ['of a query', `url: https://host.example/x?a=1&access_token=${CANARY}&b=2\nafter: stays`],
    [
      'of a private key under a harmless name',
      `content: |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  ${CANARY}\n  -----END OPENSSH PRIVATE KEY-----\nafter: stays`,
    ],
    ['of lines that end as in Windows', `token: ${CANARY}\r\nsecrets:\r\n  a: ${CANARY}\r\nafter: stays\r\n`],
    ['of tokens known by their look', `- run ghp_${CANARY}0123456789abcdefghij\nafter: stays`],
  ])('%s', (_, text) => {
    const redacted = redactDefinition(text);

    expect(redacted).not.toContain(CANARY);
    expect(redacted).toMatch(/after"?: "?stays/);
    expect(redacted.split('\n')).toHaveLength(text.split('\n').length);
    expect(redactDefinition(redacted), 'a second time changes nothing').toBe(redacted);
  });
});

test('a canary is struck out wherever a secret key stands', () => {
  const key = fc.constantFrom(
    'token',
    'API_TOKEN',
    'password',
    'wifi_psk',
    'aws_secret_access_key',
    'ssh-key',
    'Authorization',
  );
  const value = fc.constantFrom(
    CANARY,
    `"${CANARY}"`,
    `'${CANARY}'`,
    `|\n          ${CANARY}`,
    `[${CANARY}, ${CANARY}]`,
    `{a: ${CANARY}}`,
  );
  const indent = fc.constantFrom('', '  ', '- ', '  - ', '    ');
  const noise = fc.constantFrom('', 'job_name: x\n', '# about it\n', 'actions:\n- deploy:\n    to: tmpfs\n');
  fc.assert(
    fc.property(noise, indent, key, value, noise, (before, lead, name, of, after) => {
      expect(redactDefinition(`${before}${lead}${name}: ${of}\n${after}`)).not.toContain(CANARY);
    }),
  );
});

test('long lines take no time that grows faster than they do', () => {
  for (const piece of ['token', 'a-', 'token:', '--token ', '://a:', '{"secret": {', "token='", 'x=']) {
    const before = process.threadCpuUsage();
    redactDefinition(piece.repeat(20_000));
    expect(process.threadCpuUsage(before).user, piece).toBeLessThan(2_000_000);
  }
});
