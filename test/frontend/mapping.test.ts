import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeRules } from '../../frontend/features/mapping/change-rules.ts';
import { conditionLines, readConditions } from '../../frontend/features/mapping/conditions.ts';

const word = fc.stringMatching(/^[a-z.]{1,6}( [a-z.]{1,6})?$/);
const condition = fc.oneof(
  fc.record({ key: word, value: fc.constant(null), regex: fc.constant(null) }),
  fc.record({ key: word, value: fc.stringMatching(/^[a-z=~]{1,6}$/), regex: fc.constant(null) }),
  fc.record({ key: word, value: fc.constant(null), regex: fc.stringMatching(/^[a-z=~^.]{1,6}$/) }),
);

test('conditions written out are read as they were', () => {
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 5 }), (conditions) => {
      expect(readConditions(conditionLines(conditions))).toEqual(conditions);
    }),
  );
});

test('buttons move, replace, add and remove rules; a place that is none changes nothing', () => {
  const rule = (project: string) => ({ project, build: 'b', conditions: [] });
  const rules = ['a', 'b', 'c'].map(rule);
  const after = (act: string, place: string) =>
    changeRules(rules, act, place, rule('x'))
      ?.map(({ project }) => project)
      .join('') ?? null;
  expect(after('save', 'new')).toBe('abcx');
  expect(after('save', '1')).toBe('axc');
  expect(after('up', '2')).toBe('acb');
  expect(after('down', '0')).toBe('bac');
  expect([after('up', '0'), after('down', '2')]).toEqual(['abc', 'abc']);
  expect(after('remove', '1')).toBe('ac');
  expect([after('save', '3'), after('up', ''), after('explode', '1'), after('save', '-1')]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
