import type { Metadata } from 'next';
import Link from 'next/link';
import { askAt } from '@/api-client.ts';
import { AccountForm } from '@/features/access/account-form.tsx';
import { AccountTable } from '@/features/access/account-table.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { MailForm } from '@/features/feed-subscription/mail-form.tsx';
import { SubscriptionTable } from '@/features/feed-subscription/subscription-table.tsx';
import { AccountsPageDocument } from '@/graphql/graphql.ts';
import { accountPath, accountsPath, signInPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'Accounts' };

type Props = { searchParams: Promise<SearchParams> };

const PAGE = 50;
const CRUMBS = [{ label: 'Account', href: accountPath() }, { label: 'Accounts' }];

export default async function Accounts({ searchParams }: Props) {
  const params = await searchParams;
  const text = (key: string) => [params[key]].flat()[0] ?? '';
  const [after, before, login] = [text('after'), text('before'), text('login')];
  const variables = { login, ...(before ? { last: PAGE, before } : { first: PAGE, after: after || null }) };
  const isPlaced = Boolean(after || before);
  const data = await askAt(AccountsPageDocument, variables, { isPlaced, start: accountsPath() });
  const { accounts, account, feedSubscriptions, viewer } = data;
  if (!accounts) {
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead crumbs={CRUMBS} title="Accounts" />
        <Empty
          title="Accounts are shown to admins"
          action={
            viewer.isAnonymous && (
              <Link className="btn primary" href={signInPath(accountsPath())} prefetch={false}>
                Sign in
              </Link>
            )
          }
        >
          They say who may sign in here, and what each may see and change.
        </Empty>
      </Shell>
    );
  }
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={CRUMBS}
        title="Accounts"
        actions={<ApiPanel query={AccountsPageDocument.toString()} variables={variables} />}
      />
      <Section id="all" title="Who may sign in" caption={accounts.totalCount} total={accounts.totalCount}>
        {accounts.nodes.length > 0 ? (
          <AccountTable accounts={accounts.nodes} labelledBy="all" />
        ) : (
          <Empty title="No account yet">Tokens of basalt.yaml are listed there. Add the first account below.</Empty>
        )}
        {(accounts.pageInfo.hasNextPage || accounts.pageInfo.hasPreviousPage) && (
          <Pager page={accounts.pageInfo} href={accountsPath} caption="By login" words={['Before', 'After']} />
        )}
      </Section>
      {feedSubscriptions && feedSubscriptions.totalCount > 0 && (
        <Section
          id="subscriptions"
          title="Everybody’s subscriptions"
          caption={feedSubscriptions.totalCount}
          total={feedSubscriptions.totalCount}
          cut={feedSubscriptions.nodes.length < feedSubscriptions.totalCount}
        >
          <SubscriptionTable subscriptions={feedSubscriptions.nodes} labelledBy="subscriptions" ofAll />
        </Section>
      )}
      <Section id="change" title={account ? `Change ${account.login}` : 'Add an account'}>
        <AccountForm
          key={login}
          account={account ?? null}
          login={login}
          refused={text('refused') === 'mail' ? '' : text('refused')}
        />
        {account && (
          <p>
            <Link className="link" href={`${accountsPath()}#change`} prefetch={false}>
              Add another instead
            </Link>
          </p>
        )}
      </Section>
      {account && (
        <Section id="mail-form" title={`Mail for ${account.login}`}>
          <MailForm
            key={login}
            login={account.login}
            address={account.mail ?? ''}
            isRefused={text('refused') === 'mail'}
            sendsMail={data.meta.sendsMail}
          />
        </Section>
      )}
    </Shell>
  );
}
