import { expect, test } from 'vitest';
import { target } from '../../frontend/ui/grid-move.ts';

const SIZE = [4, 6] as const;

test.each<[string, boolean, [number, number], [number, number]]>([
  ['ArrowRight', false, [1, 1], [1, 2]],
  ['ArrowRight', false, [1, 5], [1, 5]],
  ['ArrowLeft', false, [1, 0], [1, 0]],
  ['ArrowDown', false, [3, 2], [3, 2]],
  ['ArrowUp', false, [1, 2], [0, 2]],
  ['Home', false, [2, 4], [2, 0]],
  ['End', false, [2, 1], [2, 5]],
  ['Home', true, [2, 4], [0, 0]],
  ['End', true, [0, 0], [3, 5]],
])('%s, with Ctrl %s, leads from %o to %o', (key, isWide, from, to) => {
  expect(target(key, isWide, from, SIZE)).toEqual(to);
});

test('other keys do not move', () => {
  expect(target('Enter', false, [1, 1], SIZE)).toBeNull();
});
