import type { Metadata } from 'next';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { ExampleList } from '@/features/explorer/example-list.tsx';
import { examplesOf } from '@/features/explorer/examples.ts';
import { ExplorerHere } from '@/features/explorer/explorer-here.tsx';
import { ExplorerPageDocument } from '@/graphql/graphql.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'API' };

export default async function ExplorerPage() {
  const data = await ask(ExplorerPageDocument, {});
  const examples = examplesOf(data, Date.now());
  return (
    <Shell freshness={data}>
      <PageHead
        title="API"
        facts={[
          ['GraphQL at', <code key="at">/graphql</code>],
          [
            'Contract',
            <a key="contract" className="link" href="/schema.graphql">
              schema.graphql
            </a>,
          ],
          ['Asked as', data.viewer.login ?? 'a visitor'],
        ]}
      />
      <ExplorerHere examples={examples} login={data.viewer.login ?? null} mostCost={data.rateLimit.queryLimit} />
      <Section id="examples" title="Examples" caption="as text, to take along">
        <ExampleList examples={examples} />
      </Section>
    </Shell>
  );
}
