import { expect, test } from 'vitest';
import { redactDefinition } from '#analysis/redact.ts';

const CANARY = 'c4n4ry';

test('no secret comes through, whatever shape it has', () => {
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
