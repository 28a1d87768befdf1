/** Parts of failure groups: which failure is in which, under what name, and what a trial says in words. */
import { expect, test } from 'vitest';
import {
  type CompiledSplit,
  depthOf,
  namedPart,
  partFor,
  partsBegin,
  splitKey,
  splitOfPart,
  splitUp,
} from '#analysis/group-split.ts';
import { compilePattern } from '#analysis/linear-pattern.ts';
import { splitSentence } from '#analysis/trial-sentence.ts';

const GROUP = { fingerprint: `v1:${'0'.repeat(32)}`, title: 'no power', why: 'These jobs ended alike.', line: 3 };
const HERE = { source: 'alpha', deviceType: 'rpi', text: 'no power at pdu-1' };

function saying(value: string): CompiledSplit {
  const compiled = compilePattern(value);
  return compiled.ok ? { by: 'MESSAGE', value, pattern: compiled.pattern } : expect.fail(compiled.problem);
}
const by = (name: 'SOURCE' | 'DEVICE_TYPE', value: string | null): CompiledSplit => ({
  by: name,
  value,
  pattern: null,
});

test('a split takes out one value, or each, or what has the pattern; the rest stays', () => {
  expect(partFor(by('SOURCE', null), HERE)).toBe('alpha');
  expect(partFor(by('SOURCE', 'beta'), HERE)).toBeNull();
  expect(partFor(by('DEVICE_TYPE', 'rpi'), HERE)).toBe('rpi');
  expect(partFor(saying('pdu-[12]'), HERE)).toBe('pdu-[12]');
  expect(partFor(saying('pdu-[23]'), HERE)).toBeNull();
  expect(partFor(saying(''), { ...HERE, text: null })).toBeNull();
});

test('of several splits the first takes out, and a part may be split again', () => {
  const first = namedPart(GROUP, by('SOURCE', null), 'alpha');
  const rules = new Map<string, CompiledSplit[]>([
    [GROUP.fingerprint, [by('SOURCE', 'beta'), by('SOURCE', null), saying('power')]],
    [first.fingerprint, [saying('pdu')]],
  ]);
  const found = splitUp(GROUP, (fingerprint) => rules.get(fingerprint) ?? [], HERE);

  expect(found).toEqual({
    fingerprint: namedPart(first, saying('pdu'), 'pdu').fingerprint,
    title: 'no power · lab alpha · /pdu/',
    why: 'These jobs ended alike. Of these, it has those of the lab alpha. Of these, it has those whose message has the pattern pdu.',
    line: 3,
  });
  expect(depthOf(found.fingerprint)).toBe(2);
  expect(splitOfPart(found.fingerprint)).toEqual({ parent: first.fingerprint, key: splitKey(saying('pdu')) });
  expect(first.fingerprint.startsWith(partsBegin(GROUP.fingerprint, by('SOURCE', null)))).toBe(true);
  expect(splitOfPart(GROUP.fingerprint)).toBeNull();
});

test('names of parts are short, and without what hides or turns text', () => {
  const { title, why, fingerprint } = namedPart(GROUP, by('DEVICE_TYPE', null), `a\0\u202e\ud800${'b'.repeat(300)}`);
  expect(title).toHaveLength('no power · '.length + 60);
  expect(`${title}${why}`).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(`${title}${why}${fingerprint}`.isWellFormed()).toBe(true);
  expect(fingerprint).toMatch(/^v1:0{32}~[0-9a-f]{24}$/);
});

test('a trial says in words what would be split, and that it takes nothing or everything', () => {
  const tried = { parts: [{ count: 4 }, { count: 1 }], left: 3, looked: 8, moreJobs: false, merged: 0 };
  expect(splitSentence(tried)).toBe('5 of 8 jobs would be in 2 parts, 3 would stay.');
  expect(splitSentence({ ...tried, left: 0, looked: 5 })).toBe('Each of 5 jobs would be in one of 2 parts.');
  expect(splitSentence({ ...tried, parts: [], left: 8 })).toBe('It splits nothing off: none of 8 jobs.');
  expect(splitSentence({ ...tried, parts: [{ count: 8 }], left: 0, merged: 2 })).toBe(
    'It takes everything: each of 8 jobs would be in one part. 2 jobs that people merged into it would be failures of their own again.',
  );
  expect(splitSentence({ ...tried, moreJobs: true, merged: 1 })).toBe(
    '5 of 8 jobs would be in 2 parts, 3 would stay. Only the newest 8 were looked at. 1 job that people merged into it would stay with it.',
  );
});
