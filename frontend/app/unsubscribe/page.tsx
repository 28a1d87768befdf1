import type { Metadata } from 'next';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { UnsubscribePageDocument } from '@/graphql/graphql.ts';
import { accountPath } from '@/paths.ts';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';

export const metadata: Metadata = { title: 'Unsubscribe' };

/** Where the link in a mail leads. Only the button ends anything: links are also opened by programs that look for harm. */
export default async function Unsubscribe({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams;
  const [token, done] = ['token', 'done'].map((key) => [params[key]].flat()[0] ?? '');
  const data = await ask(UnsubscribePageDocument, {});
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead title="Unsubscribe" />
      {token ? (
        <form className="form" method="post" action={`/unsubscribe?${new URLSearchParams({ token })}`}>
          <p>The button ends the mail of this subscription. It can go on again at “Account”.</p>
          <div className="acts">
            <button className="btn primary" type="submit">
              Get no more
            </button>
          </div>
        </form>
      ) : (
        <Empty
          title={done === 'yes' ? 'You get no more mail of this subscription' : 'This link ends no subscription'}
          action={
            <a className="btn" href={`${accountPath()}#subscriptions`}>
              Your subscriptions
            </a>
          }
        >
          {done === 'yes' ? 'It can go on, or be deleted, at “Account”.' : 'Open the link of the mail again, whole.'}
        </Empty>
      )}
    </Shell>
  );
}
