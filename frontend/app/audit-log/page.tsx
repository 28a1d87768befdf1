import type { Metadata } from 'next';
import Link from 'next/link';
import { askAt } from '@/api-client.ts';
import { EventTable } from '@/features/audit-log/event-table.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { AuditLogPageDocument } from '@/graphql/graphql.ts';
import { auditLogPath, signInPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'Audit log' };

type Props = { searchParams: Promise<SearchParams> };

const PAGE = 50;
const CRUMBS = [{ label: 'Labs', href: '/labs' }, { label: 'Audit log' }];

export default async function AuditLog({ searchParams }: Props) {
  const params = await searchParams;
  const [target, after, before] = [params.target, params.after, params.before].map((value) => [value].flat()[0]);
  const variables = { target, ...(before ? { last: PAGE, before } : { first: PAGE, after }) };
  const start = auditLogPath({ target });
  const data = await askAt(AuditLogPageDocument, variables, { isPlaced: Boolean(after || before), start });
  const { auditLog, viewer } = data;
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={CRUMBS}
        title="Audit log"
        facts={[target ? ['Of', <code key="of">{target}</code>] : null]}
        actions={auditLog && <ApiPanel query={AuditLogPageDocument.toString()} variables={variables} />}
      />
      {!auditLog ? (
        <Section id="sign-in" title="Sign in" hidden>
          <Empty
            title="The audit log is shown to admins"
            action={
              viewer.isAnonymous && (
                <Link className="btn primary" href={signInPath(start)} prefetch={false}>
                  Sign in
                </Link>
              )
            }
          >
            It says who changed what, and when: also of what not everybody may see.
          </Empty>
        </Section>
      ) : auditLog.nodes.length === 0 ? (
        <Empty title="Nothing was changed">Each change that somebody makes here is a row, and stays one.</Empty>
      ) : (
        <Section id="events" title="Changes" hidden className="tight">
          <EventTable events={auditLog.nodes} labelledBy="events" />
          <Pager
            page={auditLog.pageInfo}
            href={(cursor) => auditLogPath({ target, ...cursor })}
            caption={target ? 'Every change of it, the newest first' : 'The newest first'}
          />
        </Section>
      )}
    </Shell>
  );
}
