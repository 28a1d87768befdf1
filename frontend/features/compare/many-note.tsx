import type { ManySidesPageQuery } from '@/graphql/graphql.ts';
import { count, plural } from '@/ui/number.ts';
import { KnownFirst, type Part } from './known-first.tsx';
import { letterOf } from './many-address.ts';
import { OpenJobs } from './open-jobs.tsx';

type Compared = ManySidesPageQuery['compareMany'];

/** What has to be known before the numbers of several sides are read: one note, or none. */
export function ManyNote({ comparison }: { comparison: Compared }) {
  const { sides, testCount, differencesBySource } = comparison;
  const parts: Part[] = [];
  const same = Map.groupBy(sides.entries(), ([, { build, source, deviceType }]) =>
    JSON.stringify([build.id, source?.slug, deviceType]),
  );
  for (const of of same.values()) {
    if (of.length > 1)
      parts.push({ title: `${inWords(of.map(([i]) => letterOf(i)))} are the same.`, text: 'Nothing can differ.' });
  }
  if (testCount === 0)
    parts.push({
      title: 'The sides have no test in common.',
      text: 'No suite ran on the same kind of board for two of them, so there is nothing to compare.',
    });
  if (differencesBySource.length > 0)
    parts.push({
      title: 'The sides do not cover the same ground.',
      text: (
        <>
          {unevenInWords(differencesBySource)}{' '}
          <a className="link" href="#coverage">
            Suite by suite
          </a>
        </>
      ),
    });
  const running = Map.groupBy(sides.entries(), ([, { build }]) => build.id);
  for (const of of running.values()) {
    const [, side] = of[0] ?? [];
    if (!side || side.build.jobCounts.running === 0) continue;
    const letters = of.map(([i]) => letterOf(i));
    parts.push({
      title: `${inWords(letters)} ${letters.length === 1 ? 'is' : 'are'} still running.`,
      text: <OpenJobs build={side.build} />,
    });
  }
  return <KnownFirst parts={parts} />;
}

/** The letters of the sides: "A", "A and C". */
export function lettersOf(ran: readonly boolean[]): string {
  return inWords(ran.flatMap((is, i) => (is ? [letterOf(i)] : [])));
}

function inWords(letters: readonly string[]): string {
  const last = letters.at(-1) ?? '';
  return letters.length > 1 ? `${letters.slice(0, -1).join(', ')} and ${last}` : last;
}

/** "alpha 9 suites, beta 4: 3 of them (260 results) are in no number." */
function unevenInWords(differences: Compared['differencesBySource']): string {
  const suitesOf = (of: Compared['differencesBySource']) => of.reduce((n, { suiteCount }) => n + suiteCount, 0);
  const labs = [...Map.groupBy(differences, ({ source }) => source.slug)].map(
    ([slug, of]) => `${slug} ${plural(suitesOf(of), 'suite')}`,
  );
  const apart = differences.filter(({ compared }) => !compared);
  const results = apart.reduce((n, { resultCount }) => n + resultCount, 0);
  const told =
    apart.length > 0
      ? `${count(suitesOf(apart))} of them (${plural(results, 'result')}) are in no number.`
      : 'All of them count, for the sides that have them.';
  return `Ran for some sides only: ${labs.join(', ')}. ${told}`;
}
