import type { SubscriptionPageQuery } from '@/graphql/graphql.ts';
import { saveSubscriptionPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { Age, Instant } from '@/ui/time.tsx';
import { DELIVERY } from './subscription-status.tsx';

type Delivery = NonNullable<SubscriptionPageQuery['feedSubscription']>['deliveries'][number];
type Props = { deliveries: readonly Delivery[]; subscription: string; isPaused: boolean; labelledBy: string };

/** What was sent, with what came back at each try, and the way to send it again. */
export function DeliveryTable({ deliveries, subscription, isPaused, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Made</th>
            <th scope="col">State</th>
            <th scope="col">Answer</th>
            <th scope="col" className="p2">
              Message
            </th>
            <th scope="col">
              <span className="sr">Send again</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map(({ id, messageId, isTest, createdAt, state, dueAt, tries }) => (
            <tr key={id}>
              <th scope="row">
                <Instant at={createdAt} />
                {isTest && <span className="dim"> test</span>}
              </th>
              <td>
                <Status {...DELIVERY[state]} />
                {state === 'WAITING' && tries.length > 0 && dueAt && (
                  <span className="dim">
                    {' '}
                    next <Age at={dueAt} />
                  </span>
                )}
              </td>
              <td className="wrap">
                <Tries tries={tries} />
              </td>
              <td className="p2 mono">{messageId}</td>
              <td>
                {state !== 'WAITING' && !isPaused && (
                  <form method="post" action={saveSubscriptionPath()}>
                    <input type="hidden" name="id" value={subscription} />
                    <input type="hidden" name="delivery" value={id} />
                    <button className="btn ghost" type="submit" name="act" value="redeliver">
                      Send again<span className="sr"> {messageId}</span>
                    </button>
                  </form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Tries({ tries }: { tries: Delivery['tries'] }) {
  const last = tries.at(-1);
  if (!last) return null;
  return (
    <>
      <Answer {...last} />
      {tries.length > 1 && (
        <details>
          <summary>
            all <span data-measure>{tries.length}</span> tries
          </summary>
          <ol>
            {tries.map((one) => (
              <li key={one.at}>
                <Instant at={one.at} /> <Answer {...one} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function Answer({ status, text, tookMs }: Delivery['tries'][number]) {
  return (
    <>
      {status !== null && <span className="mono">{status} </span>}
      <q className="mono">{text}</q> <span className="dim">{tookMs} ms</span>
    </>
  );
}
