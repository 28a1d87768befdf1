/** The commands `basalt eval ...`. */
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { EvalOptions } from './attribution.ts';

/** `end` is given the code that a command ends with. */
export function addEval(program: Command, config: () => Config, end: (code: number) => void): void {
  const evaluation = program.command('eval').description('measure how right the analysis is');
  evaluation
    .command('attribution')
    .option('--fleets <n>', 'so many simulated fleets', '8')
    .option('--seed <n>', 'of the first; each has the next', '1')
    .description(
      'simulate fleets with known faults, and say how often board, lab, infrastructure, test or code is rightly named',
    )
    .action(async (options: EvalOptions) => {
      const { evaluateAttribution } = await import('./attribution.ts');
      end(await evaluateAttribution(options));
    });
  evaluation
    .command('truth')
    .argument('<file...>', 'truth.json of each seeded master')
    .description('regressions, flaky tests and bad devices: recall and precision against what was injected')
    .action(async (files: string[]) => {
      const { evalTruth } = await import('../truth/eval-truth.ts');
      end(await evalTruth(config(), files));
    });
  evaluation
    .command('method')
    .argument('<name>', 'fisher, wilson, change-points ...: a name that is none lists them')
    .argument('[numbers...]', 'what it takes')
    .description('what a statistic makes of numbers of your own, as JSON')
    .action(async (name: string, given: string[]) => {
      const { evaluateMethod } = await import('./method.ts');
      end(evaluateMethod(name, given));
    });
}
