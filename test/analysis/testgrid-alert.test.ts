import { expect, test } from 'vitest';
import { alertOfRow } from '#analysis/testgrid-alert.ts';

const CELLS = { P: 'PASS', F: 'FAIL', K: 'FLAKY', '.': 'NO_RESULT' } as const;
const row = (text: string) => [...text].map((letter) => CELLS[letter as keyof typeof CELLS]);

test.each([
  ['FFFP', 3, 1, { firstFail: 2, latestFail: 0, latestPass: 3, failures: 3 }],
  ['.F.FF.PF', 3, 1, { firstFail: 4, latestFail: 1, latestPass: 6, failures: 3 }],
  ['FFP', 3, 1, null],
  ['PFFFP', 3, 1, null],
  ['PFFFP', 3, 2, { firstFail: 3, latestFail: 1, latestPass: 4, failures: 3 }],
  ['FFPFF', 3, 2, null],
  ['FFKFFF', 3, 1, { firstFail: 5, latestFail: 0, latestPass: null, failures: 3 }],
  ['FFFKP', 3, 1, { firstFail: 2, latestFail: 0, latestPass: null, failures: 3 }],
  ['FFFF', 3, 1, { firstFail: 3, latestFail: 0, latestPass: null, failures: 4 }],
  ['', 3, 1, null],
])('%s, newest first, alerts at %s until %s: %o', (text, open, close, wanted) => {
  expect(alertOfRow(row(text), open, close)).toEqual(wanted);
});
