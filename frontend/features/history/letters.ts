/** The letters of a history: their class in a grid and their word. */
export type Letter = 'P' | 'F' | 'M' | 'S' | 'U' | 'I' | '.';

/** A pass has no class: most of a grid's cells are that. */
const LOOKS: Record<Letter, readonly [className: string | undefined, word: string]> = {
  P: [undefined, 'pass'],
  F: ['f', 'fail'],
  M: ['x', 'mixed: fails in one run, passes in another'],
  S: ['s', 'skip'],
  U: ['u', 'unknown'],
  I: ['i', 'infrastructure'],
  '.': ['m', 'not run'],
};

export function lookOf(letter: string) {
  const [className, word] = LOOKS[isLetter(letter) ? letter : 'U'];
  return { className, word };
}

function isLetter(letter: string): letter is Letter {
  return letter in LOOKS;
}

const RESULT_LETTERS = { PASS: 'P', FAIL: 'F', SKIP: 'S', UNKNOWN: 'U' } as const;
type Result = keyof typeof RESULT_LETTERS;

/** What several runs of a build come to, as the API's grid has it. */
export function letterOf(results: readonly Result[]): Letter {
  if (results.includes('FAIL')) return results.includes('PASS') ? 'M' : 'F';
  const found = (['PASS', 'UNKNOWN', 'SKIP'] as const).find((result) => results.includes(result));
  return found ? RESULT_LETTERS[found] : '.';
}

/** The result that a letter stands for: of mixed ones the failing. */
export function resultOf(letter: string): Result {
  if (letter === 'F' || letter === 'M') return 'FAIL';
  return letter === 'P' ? 'PASS' : letter === 'S' ? 'SKIP' : 'UNKNOWN';
}

/** Failing builds among those that pass or fail. */
export function failures(cells: string): { fail: number; ran: number } {
  const of = (letters: string) => [...cells].filter((letter) => letters.includes(letter)).length;
  return { fail: of('FM'), ran: of('PFM') };
}
