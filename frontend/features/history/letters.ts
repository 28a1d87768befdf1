/** The letters of a history: their class in a grid and their word. */
export type Letter = 'P' | 'F' | 'M' | 'S' | 'U' | 'I' | '.';

const LOOKS: Record<Letter, readonly [className: string, word: string, shown: string]> = {
  P: ['hc', 'pass', ''],
  F: ['hc f', 'fail', 'F'],
  M: ['hc x', 'mixed: fails in one run, passes in another', '½'],
  S: ['hc s', 'skip', 'S'],
  U: ['hc u', 'unknown', '?'],
  I: ['hc i', 'infrastructure', 'I'],
  '.': ['hc m', 'not run', ''],
};

export function lookOf(letter: string) {
  const [className, word, shown] = LOOKS[isLetter(letter) ? letter : 'U'];
  return { className, word, shown };
}

function isLetter(letter: string): letter is Letter {
  return letter in LOOKS;
}

const RESULT_LETTERS = { PASS: 'P', FAIL: 'F', SKIP: 'S', UNKNOWN: 'U' } as const;

/** What several runs of a build come to, as the API's grid has it. */
export function letterOf(results: readonly (keyof typeof RESULT_LETTERS)[]): Letter {
  if (results.includes('FAIL')) return results.includes('PASS') ? 'M' : 'F';
  const found = (['PASS', 'UNKNOWN', 'SKIP'] as const).find((result) => results.includes(result));
  return found ? RESULT_LETTERS[found] : '.';
}

/** Failing builds among those that pass or fail. */
export function failures(cells: string): { fail: number; ran: number } {
  const of = (letters: string) => [...cells].filter((letter) => letters.includes(letter)).length;
  return { fail: of('FM'), ran: of('PFM') };
}
