import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getSource, type SourceRow, statusOf } from '#store/source.ts';
import { settings } from './settings.ts';
import { temporaryWriter } from './temporary.ts';

const NOW = 1_790_000_000_000_000;
const ago = (seconds: number) => NOW - seconds * 1_000_000;

test.each<[string, Partial<SourceRow>]>([
  ['PENDING', {}],
  ['BACKFILLING', { bookmark: '{}' }],
  ['HEALTHY', { bookmark: '{}', lastSuccessAt: ago(149) }],
  ['DELAYED', { bookmark: '{}', lastSuccessAt: ago(151) }],
  ['FAILING', { lastSuccessAt: ago(1), lastErrorCode: 'TIMEOUT', lastError: 'no answer' }],
  ['FAILING', { lastErrorCode: 'BAD_PAYLOAD', lastError: 'no JSON' }],
  ['ACTION_REQUIRED', { lastErrorCode: 'UNAUTHORIZED', lastError: 'the token' }],
  ['ACTION_REQUIRED', { lastErrorCode: 'UNSUPPORTED', lastError: 'too old' }],
  ['PAUSED', { paused: true, lastErrorCode: 'TIMEOUT' }],
  ['PAUSED', { configured: false, lastSuccessAt: ago(1) }],
])('a source read once a minute is %s with %o', async (status, facts) => {
  const writer = await temporaryWriter([settings('alpha', { periodSeconds: 60 })]);
  const row = await getSource(writer.store, ANONYMOUS, 'alpha');
  if (!row) throw new Error('the source is not there');

  const found = statusOf({ ...row, ...facts }, NOW);

  expect(found.status).toBe(status);
  expect(found.reason === null).toBe(status === 'HEALTHY');
});
