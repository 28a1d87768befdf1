/** `basalt eval attribution`: simulated fleets with known faults, and how often the attribution finds them. */
import { InvalidInput } from '#store/error.ts';
import { EXIT } from '../exit-code.ts';
import { type Asked, askAll } from './ask.ts';
import { report } from './report.ts';
import { judge, scoreOf, shortfalls } from './score.ts';
import { simulate } from './simulate.ts';

/** Of the named, so many are to be right; of all, so many to be named. */
export const TARGET = { right: 0.9, named: 0.6 };

export type EvalOptions = { fleets: string; seed: string };

/** @throws InvalidInput for numbers that are none. */
export async function evaluateAttribution(options: EvalOptions): Promise<number> {
  const [fleets, seed] = [wholeNumber('--fleets', options.fleets), wholeNumber('--seed', options.seed)];
  const answers = (await askFleets(fleets, seed)).map((one) => judge(one));
  const score = scoreOf(answers);
  process.stdout.write(`${fleets} simulated fleets, seeds ${seed} to ${seed + fleets - 1}\n${report(score, answers)}`);
  const missed = shortfalls(score, TARGET);
  process.stdout.write(
    missed.length === 0 ? 'The target is met.\n' : missed.map((one) => `Missed: ${one}.\n`).join(''),
  );
  return missed.length === 0 ? EXIT.ok : EXIT.findings;
}

export async function askFleets(fleets: number, seed: number): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (let i = 0; i < fleets; i++) asked.push(...(await askAll(simulate(seed + i), seed + i)));
  return asked;
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidInput(`${name} is "${text}"; write a whole number from 1 on`);
  return Number(text);
}
