/** The catalogue of faults and attacks, and the tests that carry its numbers in their names. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Cases of a LAVA master, of everything around it, and attacks. */
const LAST = { L: 63, T: 59, S: 45 };
const NUMBERS = Object.entries(LAST).flatMap(([kind, last]) =>
  Array.from({ length: last }, (_, i) => `${kind}-${String(i + 1).padStart(2, '0')}`),
);

export type Entry = { number: string; files: string[]; isCovered: boolean };
/** Numbers in the names of a file's tests. */
export type Named = Map<string, Set<string>>;

const LINE = /^\| ([LTS]-\d\d) \|[^|]+\|[^|]+\| ([^|]+) \|$/gm;
const UNCOVERED = /^not covered: .{20,}$/;

export function readEntries(markdown: string): Entry[] {
  return [...markdown.matchAll(LINE)].map(([, number = '', proof = '']) => ({
    number,
    files: [...proof.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file),
    isCovered: !UNCOVERED.test(proof),
  }));
}

/** A name begins with its numbers, by commas, and a colon; a test that is left out proves nothing. */
const NAME = /(?<!\.(?:skip|todo)\(\s*)(['"`])((?:[LTS]-\d\d(?:, )?)+): /g;

export function numbersIn(source: string): Set<string> {
  return new Set([...source.matchAll(NAME)].flatMap(([, , numbers = '']) => numbers.split(', ')));
}

export function readNames(folder: string): Named {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(files.map((file) => [file, numbersIn(readFileSync(join(folder, file), 'utf8'))]));
}

/** What the catalogue says and the tests do not, and the other way round, in words. */
export function gapsOf(entries: readonly Entry[], named: Named): string[] {
  const gaps: string[] = [];
  for (const number of NUMBERS) {
    const lines = entries.filter((entry) => entry.number === number).length;
    if (lines !== 1) gaps.push(`${number} has ${lines} lines in the catalogue`);
  }
  for (const { number, files, isCovered } of entries) {
    if (isCovered && files.length === 0) gaps.push(`${number} is neither proven by a file nor "not covered: why"`);
    for (const file of files)
      if (!named.get(file)?.has(number)) gaps.push(`${number} is said to be proven in ${file}: no test there names it`);
  }
  for (const [file, numbers] of named)
    for (const number of numbers) {
      const entry = entries.find((one) => one.number === number);
      if (!entry?.files.includes(file))
        gaps.push(`${file} names ${number}: the catalogue does not name ${file} for it`);
    }
  return gaps;
}
