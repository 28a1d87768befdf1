import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('Dockerfile', () => {
  const lines = read('docker/Dockerfile').split('\n').filter(Boolean);
  const final = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  test('every copied path is in the repository', () => {
    const copies = lines.filter((line) => line.startsWith('COPY ')).flatMap((line) => line.split(/\s+/).slice(1, -1));
    const paths = copies.filter((path) => !path.startsWith('--')).map((path) => path.replace(/^\/app\//, ''));

    expect(paths.length).toBeGreaterThan(8);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('every folder the server needs is copied', () => {
    const copied = final.filter((line) => line.startsWith('COPY --from=build')).map((line) => line.split('/').at(-2));

    for (const folder of [
      'adapters',
      'analysis',
      'api',
      'cli',
      'frontend',
      'ingest',
      'migrations',
      'schema',
      'store',
    ]) {
      expect(final.join('\n'), folder).toContain(`COPY --from=build /app/${folder} `);
    }
    expect(copied.length).toBeGreaterThan(0);
  });

  test('one process on Node 24, not root, with a health check', () => {
    expect(final[0]).toMatch(/^FROM node:24-/);
    expect(final.indexOf('USER node')).toBeGreaterThan(0);
    expect(final.find((line) => line.startsWith('HEALTHCHECK'))).toContain('/livez');
    expect(final.at(-1)).toBe('CMD ["node", "cli/basalt.js", "serve"]');
  });
});

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      build: z.object({ context: z.literal('..'), dockerfile: z.literal('docker/Dockerfile') }),
      ports: z.array(z.string().regex(/^127\.0\.0\.1:/, 'published on loopback only')),
      security_opt: z.array(z.string()),
      cap_drop: z.tuple([z.literal('ALL')]),
    }),
  ),
});

test.each(['docker/compose.yaml', 'docker/compose.demo.yaml'])(
  '%s is well formed and publishes on loopback',
  (path) => {
    expect(Compose.safeParse(parse(read(path))).error).toBeUndefined();
  },
);

test.each([
  ['basalt', 'serve'],
  ['basalt-agent', 'agent'],
])('the unit %s stops where the configuration is wrong or the file is damaged, and is confined', (name, command) => {
  const unit = read(`docker/${name}.service`);

  expect(unit).toMatch(/^\[Unit\]$/m);
  expect(unit).toContain('RestartPreventExitStatus=74 78');
  expect(unit).toContain(`ExecStart=/opt/basalt/node_modules/.bin/node cli/basalt.js ${command}`);
  expect(unit).toContain('ProtectSystem=strict');
  for (const line of unit.split('\n')) expect(line).toMatch(/^$|^\[\w+\]$|^[A-Z]\w+=.*$/);
});
