/** `basalt eval truth`: what Basalt finds against what was injected into masters. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidInput } from '#store/error.ts';
import { allSources } from '#store/source.ts';
import type { Store } from '#store/store.ts';
import type { Config } from '../config.ts';
import { EXIT } from '../exit-code.ts';
import { withStore } from '../with-store.ts';
import { scoreDevices } from './devices.ts';
import { scoreFlaky } from './flaky.ts';
import { scoreRegressions } from './regressions.ts';
import { precisionOf, recallOf, type Score } from './score.ts';
import { readTruth, type Seeding } from './truth-file.ts';

/** The least recall and precision of each kind. */
const TARGETS = { regressions: 0.95, 'bad devices': 0.95, 'flaky tests': 0.9 } as const;
/** Of what was missed or is wrong so many are named. */
const NAMED = 20;

export async function evalTruth(config: Config, files: readonly string[]): Promise<number> {
  const seedings = readTruth(files);
  return withStore(config, 'read', async (store) => {
    await assertRead(store, seedings);
    const scores = [
      { target: TARGETS.regressions, score: await scoreRegressions(store, seedings) },
      { target: TARGETS['bad devices'], score: await scoreDevices(store, seedings) },
      { target: TARGETS['flaky tests'], score: await scoreFlaky(store, seedings) },
    ];
    await write(scores.flatMap(({ score, target }) => linesOf(score, target)));
    return scores.every(({ score, target }) => isMet(score, target)) ? EXIT.ok : EXIT.findings;
  });
}

/** @throws InvalidInput for a master that no source of the store is named after. */
async function assertRead(store: Store, seedings: readonly Seeding[]): Promise<void> {
  const sources = await allSources(store, { kind: 'everything' });
  const slugs = new Set(sources.map(({ slug }) => slug));
  for (const { master } of seedings)
    if (!slugs.has(master)) throw new InvalidInput(`the store has no source "${master}", which the truth is of`);
}

function isMet(score: Score, target: number): boolean {
  return recallOf(score) >= target && precisionOf(score) >= target;
}

function linesOf(score: Score, target: number): string[] {
  const { kind, hits, missed, right, wrong, unseen } = score;
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const lines = [
    `${kind}: recall ${percent(recallOf(score))} (${hits} of ${hits + missed.length}), precision ${percent(precisionOf(score))} (${right} of ${right + wrong.length}); ${isMet(score, target) ? 'met' : 'NOT MET'}: ${percent(target)}`,
  ];
  for (const [word, list] of [
    ['missed', missed],
    ['not injected', wrong],
    ['not to be seen', unseen],
  ] as const) {
    for (const { what, why } of list.slice(0, NAMED)) lines.push(`  ${word}: ${what}: ${why}`);
    if (list.length > NAMED) lines.push(`  ${word}: ${list.length - NAMED} more`);
  }
  return lines;
}

async function write(lines: readonly string[]): Promise<void> {
  try {
    await pipeline(Readable.from(lines.map((line) => `${line}\n`)), process.stdout, { end: false });
  } catch (cause) {
    // Whoever read standard output has had enough.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPIPE')) throw cause;
  }
}
