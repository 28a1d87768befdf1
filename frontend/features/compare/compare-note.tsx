import type { ComparePageQuery, SideBuildFragment } from '@/graphql/graphql.ts';
import { count, plural } from '@/ui/number.ts';
import { KnownFirst, type Part } from './known-first.tsx';
import { OpenJobs } from './open-jobs.tsx';

type Props = {
  comparison: ComparePageQuery['compare'];
  base: SideBuildFragment;
  target: SideBuildFragment;
  /** Both sides are one build, of the same lab. */
  isItself: boolean;
};

const LETTER = { BASE: 'A', TARGET: 'B' } as const;

/** What has to be known before the numbers are read: one note, or none. */
export function CompareNote({ comparison, base, target, isItself }: Props) {
  const { differencesBySource: differences, pairCount } = comparison;
  const parts: Part[] = [];
  if (isItself)
    parts.push({ title: 'A and B are the same build.', text: 'Nothing can differ: choose another for one of them.' });
  else if (pairCount === 0)
    parts.push({
      title: 'A and B have no test in common.',
      text: 'No suite ran on the same kind of board for both, so there is nothing to compare.',
    });
  if (differences.length > 0)
    parts.push({
      title: 'The two sides do not cover the same ground.',
      text: <Uneven differences={differences} />,
    });
  const running = isItself ? [] : [['A', base] as const, ['B', target] as const];
  for (const [letter, build] of running) {
    if (build.jobCounts.running > 0)
      parts.push({ title: `${letter} is still running.`, text: <OpenJobs build={build} /> });
  }
  return <KnownFirst parts={parts} />;
}

type Differences = ComparePageQuery['compare']['differencesBySource'];

function Uneven({ differences }: { differences: Differences }) {
  const apart = differences.filter(({ compared }) => !compared);
  const mixed = differences.filter(({ compared }) => compared);
  return (
    <>
      {apart.length > 0 && (
        <>
          {inWords(apart)} They are{' '}
          <a className="link" href="#coverage">
            listed below
          </a>{' '}
          and never counted as worse or fixed.{' '}
        </>
      )}
      {mixed.length > 0 && (
        <>
          No lab ran {plural(sum(mixed, 'A') + sum(mixed, 'B'), 'suite')} for both, so{' '}
          <a className="link" href="#coverage">
            different labs
          </a>{' '}
          are compared there.
        </>
      )}
    </>
  );
}

const ofSide = (differences: Differences, letter: 'A' | 'B') =>
  differences.filter(({ side }) => LETTER[side] === letter);

const sum = (differences: Differences, letter: 'A' | 'B') =>
  ofSide(differences, letter).reduce((n, { suiteCount }) => n + suiteCount, 0);

/** "Ran for A only: alpha 2 suites, beta 5 (369 results)." */
function inWords(differences: Differences): string {
  return (['A', 'B'] as const)
    .flatMap((letter) => {
      const labs = ofSide(differences, letter);
      if (labs.length === 0) return [];
      const results = labs.reduce((n, { resultCount }) => n + resultCount, 0);
      const parts = labs.map(
        ({ source, suiteCount }, i) => `${source.slug} ${i === 0 ? plural(suiteCount, 'suite') : count(suiteCount)}`,
      );
      return [`Ran for ${letter} only: ${parts.join(', ')} (${plural(results, 'result')}).`];
    })
    .join(' ');
}
