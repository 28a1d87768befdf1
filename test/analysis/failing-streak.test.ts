import { expect, test } from 'vitest';
import { failingStreaks, sumWindow } from '#analysis/failing-streak.ts';

/** A word a build: the letter of a lab in capitals where it fails. */
function builds(text: string) {
  const labs = (word: string, is: (letter: string) => boolean) =>
    [...word].filter(is).map((letter) => letter.toLowerCase().charCodeAt(0));
  return text.split(' ').map((word) => ({
    failing: labs(word, (letter) => letter < 'a'),
    passing: labs(word, (letter) => letter >= 'a'),
    passes: 1,
    fails: 2,
  }));
}

test.each([
  ['a A A a', [[0, 1, 3]]],
  ['a a A', [[1, 2, null]]],
  ['A a A', [[1, 2, null]]],
  ['A A', []],
  ['ab aB b ab', [[0, 1, 2]]],
  ['ab aB a a ab', [[0, 1, 4]]],
  ['ab AB a a b', [[0, 1, 4]]],
  [
    'a A a A a',
    [
      [0, 1, 2],
      [2, 3, 4],
    ],
  ],
  ['b A', [[0, 1, null]]],
])('%s', (text, wanted) => {
  expect(failingStreaks(builds(text)).map(({ lastGood, firstBad, fixedIn }) => [lastGood, firstBad, fixedIn])).toEqual(
    wanted,
  );
});

test('a window is the sum of its builds', () => {
  expect(sumWindow(builds('a a a a'), 1, 3)).toEqual({ passes: 2, fails: 4 });
});
