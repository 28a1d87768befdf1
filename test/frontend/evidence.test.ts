import { expect, test } from 'vitest';
import { beyond } from '../../frontend/features/attribution/beyond.ts';

test('a link to a list says what it leads to, beside the number that is not its own', () => {
  expect(beyond('/jobs?lab=alpha&suite=smoke')).toBe(' Jobs behind it.');
  expect(beyond('/tests/mainline/smoke?test=boot')).toBe(' History of the test.');
  expect(beyond('/jobs/alpha/12#log')).toBe('');
});
