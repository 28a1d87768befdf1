import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import Link from 'next/link';
import { askAt } from '@/api-client.ts';
import { flashIn } from '@/features/access/flash.ts';
import { PasswordForm } from '@/features/access/password-form.tsx';
import { ROLE_WORDS, teamsText } from '@/features/access/role.ts';
import { SessionTable } from '@/features/access/session-table.tsx';
import { TokenForm } from '@/features/access/token-form.tsx';
import { TokenTable } from '@/features/access/token-table.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { SubscriptionTable } from '@/features/feed-subscription/subscription-table.tsx';
import { AccountPageDocument } from '@/graphql/graphql.ts';
import { accountPath, accountsPath, auditLogPath, signInPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Copy } from '@/ui/copy.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'Account' };

type Props = { searchParams: Promise<SearchParams> };

const PAGE = 50;
const REFUSED = 'Nothing was changed: what you asked for is not there any more, or you may not do it.';

export default async function Account({ searchParams }: Props) {
  const params = await searchParams;
  const [after, before, refused, done] = ['after', 'before', 'refused', 'done'].map(
    (key) => [params[key]].flat()[0] ?? '',
  );
  const variables = before ? { last: PAGE, before } : { first: PAGE, after: after || null };
  const data = await askAt(AccountPageDocument, variables, {
    isPlaced: Boolean(after || before),
    start: accountPath(),
  });
  const { viewer } = data;
  const { account, tokens, sessions, feedSubscriptions } = viewer;
  const isAdmin = viewer.scopes.includes('write:access');
  if (!account) {
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead title="Account" />
        <Empty
          title={viewer.isAnonymous ? 'Nobody is signed in' : `${viewer.login} is a token, and has no account`}
          action={
            <Link
              className="btn primary"
              href={viewer.isAnonymous ? signInPath(accountPath()) : viewer.isSetup ? '/setup' : accountsPath()}
              prefetch={false}
            >
              {viewer.isAnonymous ? 'Sign in' : viewer.isSetup ? 'Make the first account' : 'Accounts'}
            </Link>
          }
        >
          An account has access tokens for scripts, and a password of its own.
        </Empty>
      </Shell>
    );
  }
  const made = flashIn(await cookies(), 'token');
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        title={account.name ?? account.login}
        facts={[
          ['Login', <code key="login">{account.login}</code>],
          ['Role', ROLE_WORDS[account.role]],
          account.teams.length > 0 ? ['Teams', teamsText(account.teams)] : null,
          account.issuer ? ['Signs in at', account.issuer] : null,
        ]}
        actions={
          <>
            {isAdmin && (
              <>
                <Link className="btn" href={accountsPath()} prefetch={false}>
                  Accounts
                </Link>
                <Link className="btn" href={auditLogPath()} prefetch={false}>
                  Audit log
                </Link>
              </>
            )}
            <ApiPanel query={AccountPageDocument.toString()} variables={variables} />
          </>
        }
      />
      {refused === 'other' && <Note>{REFUSED}</Note>}
      {done === 'password' && (
        <p role="status">The password is the new one; other browsers that were signed in are not any more.</p>
      )}
      {made && (
        <Section id="made" title="Your new token">
          <p>
            Copy it now: it is shown for a minute and never again. Send it as <code>Authorization: Bearer</code>, or run{' '}
            <code>basalt login</code> with it.
          </p>
          <p>
            <code className="wrap">{made}</code> <Copy text={made} label="Copy" />
          </p>
        </Section>
      )}
      <Section id="tokens" title="Access tokens" caption={tokens.totalCount} total={tokens.totalCount}>
        {tokens.nodes.length > 0 ? (
          <>
            <TokenTable tokens={tokens.nodes} labelledBy="tokens" now={Date.now()} />
            {(tokens.pageInfo.hasNextPage || tokens.pageInfo.hasPreviousPage) && (
              <Pager page={tokens.pageInfo} href={accountPath} caption="The newest first" label="Pages of tokens" />
            )}
          </>
        ) : (
          <Empty title="No access token">A script that asks for you shows one: make it below.</Empty>
        )}
      </Section>
      <Section id="make" title="Make an access token">
        {account.issuer && (
          <p className="hint">
            It counts while you are signed in in some browser: {account.issuer} is asked about you by that. For a script
            that is to outlast it, ask an admin for an account of its own.
          </p>
        )}
        <TokenForm scopes={viewer.scopes} labs={data.sources.nodes.map(({ slug }) => slug)} refused={refused ?? ''} />
      </Section>
      <Section
        id="subscriptions"
        title="Subscriptions"
        caption={feedSubscriptions.length}
        total={feedSubscriptions.length}
      >
        {feedSubscriptions.length > 0 ? (
          <SubscriptionTable subscriptions={feedSubscriptions} labelledBy="subscriptions" />
        ) : (
          <Empty title="No subscription">
            “Subscribe” on the pages of builds, failures and regressions posts what happens there to a webhook.
          </Empty>
        )}
      </Section>
      <Section id="sessions" title="Signed in" caption={sessions.length} total={sessions.length}>
        <SessionTable sessions={sessions} labelledBy="sessions" />
      </Section>
      {account.hasPassword && (
        <Section id="password-form" title="Change the password">
          <PasswordForm login={account.login} refused={refused ?? ''} />
        </Section>
      )}
    </Shell>
  );
}
