import { expect, test } from 'vitest';
import { toTriageFilters, triageFields } from '../../frontend/features/triage/triage-filter.ts';
import { partsOf } from '../../frontend/ui/linked-parts.ts';

const FIELDS = triageFields([], []);
const NOW = new Date('2026-06-20T13:00:00Z');

test('without a word, what nobody has said anything of within seven days is asked for', () => {
  const { filter, done, all } = toTriageFilters(FIELDS, {}, NOW);
  expect(all.scope?.since).toBe('2026-06-14T00:00:00Z');
  expect(filter).toEqual({ ...all, triaged: false });
  expect(done).toEqual({ ...all, triaged: true });
});

test('words that are known are asked for, in the same scope as the progress', () => {
  const { filter, all } = toTriageFilters(
    FIELDS,
    { said: ['Flaky', 'Odd'], lab: ['alpha'], since: ['2026-01-01'] },
    NOW,
  );
  expect(filter).toEqual({ ...all, triage: ['FLAKY'] });
  expect(all.scope).toMatchObject({ sources: ['alpha'], since: '2026-01-01T00:00:00Z' });
});

test('S-32: addresses of the web in a comment are links, and nothing else is', () => {
  const comment = 'see https://bugs.example/1 and javascript:alert(1) "http://x.example"';
  expect(partsOf(comment).flatMap(({ href }) => href ?? [])).toEqual(['https://bugs.example/1', 'http://x.example']);
  expect(
    partsOf(comment)
      .map(({ text }) => text)
      .join(''),
  ).toBe(comment);
  expect(partsOf('http://[')).toEqual([{ text: 'http://[', href: null }]);
});
