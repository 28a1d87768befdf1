import Link from 'next/link';
import type { ChangeRowFragment, ComparePageQuery, SideBuildFragment } from '@/graphql/graphql.ts';
import { resultsPath } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { type Asked, addressOf } from './address.ts';
import { toGroups } from './change-groups.ts';
import { ChangeSection } from './change-section.tsx';
import { ChangeTable } from './change-table.tsx';
import { CompareNote } from './compare-note.tsx';
import { CompareVerdict, NarrowedTo, TransitionChips } from './compare-verdict.tsx';
import { DeviceTypes } from './device-types.tsx';
import { Differences } from './differences.tsx';
import { wordsOf } from './transitions.ts';

type Props = {
  comparison: ComparePageQuery['compare'];
  base: SideBuildFragment;
  target: SideBuildFragment;
  asked: Asked;
  slugs: readonly string[];
};

/** What has to be known first, the sentence, the changes, and what is in no number. */
export function ComparisonBody({ comparison, base, target, asked, slugs }: Props) {
  const { counts, pairCount, changes, fixed, environments, environmentCount, differences, differenceCount } =
    comparison;
  const shown = asked.show ?? 'PASS_TO_FAIL';
  const isItself = base.id === target.id && asked.baseLab === asked.targetLab && asked.baseType === asked.targetType;
  // Kinds of boards that are compared with each other cannot be told apart in a list.
  const acrossTypes = asked.baseType !== undefined && asked.targetType !== undefined;
  const where = acrossTypes ? [] : environments;
  const groupHref = ({ transition, suite, environment }: ChangeRowFragment) =>
    addressOf(asked, { show: transition, suite, type: acrossTypes ? undefined : environment.name });
  return (
    <>
      <CompareNote comparison={comparison} base={base} target={target} isItself={isItself} />
      <CompareVerdict counts={counts} pairCount={pairCount} asked={asked} />
      <TransitionChips counts={counts} shown={shown} hrefOf={(show) => addressOf(asked, { show })}>
        <NarrowedTo asked={asked} />
      </TransitionChips>
      <div className={where.length > 0 ? 'cols cmp' : undefined}>
        <div>
          <ChangeSection
            shown={shown}
            changes={changes}
            pageHref={(cursor) => addressOf(asked, cursor)}
            groupHref={groupHref}
            slugs={slugs}
          />
          {fixed && fixed.nodes.length > 0 && (
            <Section
              id="fixed"
              title={wordsOf('FAIL_TO_PASS').title}
              total={fixed.totalCount}
              caption={
                fixed.nodes.length < fixed.totalCount
                  ? `${fixed.nodes.length} of ${count(fixed.totalCount)}`
                  : plural(fixed.totalCount, 'test')
              }
              more={
                <Link href={addressOf(asked, { show: 'FAIL_TO_PASS' })} prefetch={false} data-count={fixed.totalCount}>
                  All {count(fixed.totalCount)}
                </Link>
              }
            >
              <ChangeTable groups={toGroups(fixed.nodes, groupHref)} slugs={slugs} labelledBy="fixed" />
            </Section>
          )}
        </div>
        {where.length > 0 && (
          <Section
            id="where"
            title="Where it changed"
            total={environmentCount}
            cut={where.length < environmentCount}
            caption={
              where.length < environmentCount
                ? `the worst ${where.length} of ${count(environmentCount)}`
                : plural(environmentCount, 'device type')
            }
          >
            <DeviceTypes environments={where} asked={asked} labelledBy="where" />
          </Section>
        )}
      </div>
      {differences.length > 0 && (
        <Section
          id="coverage"
          title="Ran for one side only"
          total={differenceCount}
          caption={
            differences.length < differenceCount
              ? `${count(differences.length)} of ${plural(differenceCount, 'suite')}`
              : plural(differenceCount, 'suite')
          }
          more={
            differences.length < differenceCount &&
            asked.differences !== 'all' && (
              <Link
                href={`${addressOf(asked, { differences: 'all' })}#coverage`}
                prefetch={false}
                data-count={differenceCount}
              >
                All {count(differenceCount)}
              </Link>
            )
          }
        >
          <Differences
            differences={differences}
            ranFor={({ side }) => (side === 'BASE' ? 'A' : 'B')}
            hrefOf={({ side, suite, environment, source }) => {
              const { project, version } = side === 'BASE' ? base : target;
              const job = { project: project.slug, build: version, lab: source.slug, type: environment.name };
              return resultsPath({ ...job, suite });
            }}
            labelledBy="coverage"
          />
        </Section>
      )}
    </>
  );
}
