/** `basalt eval method`: what a statistic of the analysis makes of numbers of your own, as JSON. */
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';
import { findChangePoints, logLikelihood, type PositionCounts } from '#analysis/change-points.ts';
import { fisherRightTail } from '#analysis/fisher.ts';
import { unsteadinessOf } from '#analysis/flip-entropy.ts';
import { mannWhitney } from '#analysis/mann-whitney.ts';
import { perfherderChanges } from '#analysis/perfherder.ts';
import { alertOfRow } from '#analysis/testgrid-alert.ts';
import { type FlipCell, testgridFlips } from '#analysis/testgrid-flip.ts';
import { transitionScore } from '#analysis/transition-score.ts';
import { wilson } from '#analysis/wilson.ts';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';

type Method = { takes: string; of: (given: readonly string[]) => unknown };

const CELLS: Readonly<Record<string, FlipCell>> = { P: 'PASS', F: 'FAIL', X: 'FLAKY' };
const RUNS = 'RUNS, oldest first: P passed, F failed';

/** Runs at positions, each by itself: X is a run that failed and then passed when it was run again. */
const POSITION: Readonly<Record<FlipCell, PositionCounts>> = {
  PASS: { runs: 1, failed: 0, retried: 0, failedAfterRetry: 0 },
  FAIL: { runs: 1, failed: 1, retried: 1, failedAfterRetry: 1 },
  FLAKY: { runs: 1, failed: 1, retried: 1, failedAfterRetry: 0 },
};

const METHODS: Readonly<Record<string, Method>> = {
  fisher: {
    takes: 'FAILS PASSES FAILS PASSES, of the sample and of the base',
    of: (given) => {
      const [a, b, c, d] = counts(given, 4);
      return { p: fisherRightTail(Number(a), Number(b), Number(c), Number(d)) };
    },
  },
  wilson: {
    takes: 'HITS RUNS',
    of: (given) => {
      const [hits, runs] = counts(given, 2);
      return { interval: wilson(Number(hits), Number(runs)) };
    },
  },
  'benjamini-hochberg': { takes: 'P ...', of: (given) => ({ q: benjaminiHochberg(numbers(given)) }) },
  'change-points': {
    takes: `${RUNS}, X failed and then passed`,
    of: (given) => {
      const positions = cells(given).map((cell) => POSITION[cell]);
      return { changePoints: findChangePoints(positions) };
    },
  },
  likelihood: {
    takes: 'RUNS FAILED RETRIED FAILED-AFTER-RETRY, of a stretch without a change',
    of: (given) => {
      const [runs, failed, retried, failedAfterRetry] = counts(given, 4).map(Number);
      return {
        logLikelihood: logLikelihood({
          runs: runs ?? 0,
          failed: failed ?? 0,
          retried: retried ?? 0,
          failedAfterRetry: failedAfterRetry ?? 0,
        }),
      };
    },
  },
  'flip-score': { takes: `${RUNS}, X both`, of: (given) => ({ percent: testgridFlips(cells(given)) }) },
  'row-alert': {
    takes: 'RUNS, newest first: P passed, F failed, X both',
    of: (given) => ({ alert: alertOfRow(cells(given)) }),
  },
  transitions: {
    takes: RUNS,
    of: (given) => {
      const runs = passes(given);
      return { score: transitionScore(runs, runs.length) };
    },
  },
  entropy: { takes: RUNS, of: (given) => unsteadinessOf(passes(given)) },
  'mann-whitney': {
    takes: 'VALUES VALUES, each with commas between',
    of: (given) => {
      if (given.length !== 2) throw wrong(`it takes two lists, and there are ${given.length}`);
      const [first = [], second = []] = given.map((list) => numbers(list.split(',')));
      return mannWhitney(first, second);
    },
  },
  'level-changes': {
    takes: 'VALUE ..., oldest first',
    of: (given) => ({ changes: perfherderChanges(numbers(given)) }),
  },
};

/** @throws CommandFailure for what is no method, or nothing that it takes. */
export function evaluateMethod(name: string, given: readonly string[]): number {
  const method = METHODS[name];
  if (!method) throw wrong(`"${name}" is no method; there are: ${Object.keys(METHODS).join(', ')}`);
  try {
    process.stdout.write(`${JSON.stringify(method.of(given))}\n`);
  } catch (cause) {
    if (cause instanceof RangeError) throw wrong(cause.message);
    if (cause instanceof CommandFailure) throw wrong(`${cause.message}; ${name} takes ${method.takes}`);
    throw cause;
  }
  return EXIT.ok;
}

const wrong = (message: string) => new CommandFailure(EXIT.usage, message);

function numbers(given: readonly string[]): number[] {
  return given.map((text) => {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(number)) throw wrong(`"${text}" is no number`);
    return number;
  });
}

function counts(given: readonly string[], length: number): number[] {
  if (given.length !== length) throw wrong(`it takes ${length} numbers, and there are ${given.length}`);
  const found = numbers(given);
  const bad = found.find((number) => !Number.isSafeInteger(number) || number < 0);
  if (bad !== undefined) throw wrong(`${bad} is no count`);
  return found;
}

function cells(given: readonly string[]): FlipCell[] {
  return [...given.join('')].map((letter) => {
    const cell = CELLS[letter];
    if (!cell) throw wrong(`"${letter}" is no run`);
    return cell;
  });
}

function passes(given: readonly string[]): boolean[] {
  const runs = cells(given);
  if (runs.includes('FLAKY')) throw wrong('"X" is no run');
  return runs.map((cell) => cell === 'PASS');
}
