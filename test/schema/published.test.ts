import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { diffSchema, publishedForm } from '#api/published-schema.ts';
import { PUBLISHED, readSdl } from '#api/sdl.ts';

test('the published contract is that of the tree: `npm run schema` brings it up to date, and says what breaks', () => {
  const { refused, isCurrent } = diffSchema(readFileSync(PUBLISHED, 'utf8'), readSdl(), []);
  expect(refused, 'breaks clients; if it is meant, `npm run schema` says what to do').toEqual([]);
  expect(isCurrent, 'run `npm run schema` and commit schema/schema.graphql').toBe(true);
});

const SDL =
  'enum Kind { A B } input Scope { since: Int } type Query { jobs(first: Int = 5, scope: Scope): [Kind!]! old: Int }';
const PUBLISHED_BEFORE = publishedForm(SDL);
const diff = (sdl: string, reasons: { change: string; why: string }[] = []) =>
  diffSchema(PUBLISHED_BEFORE, sdl, reasons);

test.each([
  ['a field that goes', SDL.replace('old: Int', '')],
  ['a type that goes', SDL.replace('enum Kind { A B }', '').replace('[Kind!]!', 'Int')],
  ['a field of another type', SDL.replace('old: Int', 'old: String')],
  ['a list that may be null', SDL.replace('[Kind!]!', '[Kind!]')],
  ['a value that goes', SDL.replace('A B', 'A')],
  ['an argument that goes', SDL.replace('first: Int = 5, ', '')],
  ['an argument that is asked for', SDL.replace('old: Int', 'old(of: Int!): Int')],
  ['a field of an input that is asked for', SDL.replace('since: Int', 'since: Int until: Int!')],
  ['another default', SDL.replace('= 5', '= 6')],
])('%s is refused until somebody says why', (_, sdl) => {
  const { refused } = diff(sdl);
  expect(refused).not.toEqual([]);
  const reasons = refused.map((change) => ({ change, why: 'it was wrong' }));
  expect(diff(sdl, reasons)).toMatchObject({ refused: [], pointless: [], accepted: reasons, isCurrent: false });
});

test.each([
  ['a field', SDL.replace('old: Int', 'old: Int new: Int')],
  ['a value', SDL.replace('A B', 'A B C')],
  ['an argument', SDL.replace('first: Int = 5', 'first: Int = 5, last: Int')],
  ['a deprecation', SDL.replace('old: Int', 'old: Int @deprecated(reason: "use jobs")')],
  ['a description', SDL.replace('old: Int', '"what it was" old: Int')],
])('%s more is no breaking change, and has to be published', (_, sdl) => {
  expect(diff(sdl)).toMatchObject({ refused: [], isCurrent: false });
});

test('a reason for what does not happen is told, as is one that was published', () => {
  const [change = ''] = diff(SDL.replace('old: Int', '')).refused;
  expect(diff(SDL, [{ change, why: 'it was wrong' }])).toMatchObject({ pointless: [change], isCurrent: true });
});
