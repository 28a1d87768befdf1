import type { ChangeRowFragment, Transition } from '@/graphql/graphql.ts';
import { Empty } from '@/ui/empty.tsx';
import { count, plural } from '@/ui/number.ts';
import { type PageInfo, Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { toGroups } from './change-groups.ts';
import { ChangeTable } from './change-table.tsx';
import { wordsOf } from './transitions.ts';

type Props = {
  shown: Transition;
  changes: { totalCount: number; pageInfo: PageInfo; nodes: readonly ChangeRowFragment[] };
  pageHref: (cursor: Record<string, string | undefined>) => string;
  groupHref: ((first: ChangeRowFragment) => string) | null;
  slugs: readonly string[];
};

/** A page of the changes of one kind. */
export function ChangeSection({ shown, changes, pageHref, groupHref, slugs }: Props) {
  const { title, none } = wordsOf(shown);
  const { nodes, pageInfo, totalCount } = changes;
  return (
    <Section id="changes" title={title} caption={plural(totalCount, 'test')} total={totalCount}>
      {nodes.length > 0 ? (
        <>
          <ChangeTable groups={toGroups(nodes, groupHref)} slugs={slugs} labelledBy="changes" />
          {(pageInfo.hasNextPage || pageInfo.hasPreviousPage) && (
            <Pager
              page={pageInfo}
              href={pageHref}
              total={totalCount}
              caption={`${count(nodes.length)} of ${plural(totalCount, 'test')}`}
              words={['Previous', 'More']}
            />
          )}
        </>
      ) : (
        <Empty title={`${title}: none`}>{none}</Empty>
      )}
    </Section>
  );
}
