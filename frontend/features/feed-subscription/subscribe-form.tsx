import Link from 'next/link';
import type { SubscribePageQuery } from '@/graphql/graphql.ts';
import { accountPath, type FeedName, saveSubscribePath } from '@/paths.ts';
import { FieldProblems, TextField } from '@/ui/text-field.tsx';

type Props = {
  feed: FeedName;
  query: string;
  /** Of this Basalt, for addresses in messages. */
  origin: string;
  data: Pick<SubscribePageQuery, 'meta' | 'viewer'>;
  /** As it was given and refused; empty where nothing was. */
  refused: { field: string; via: string; url: string };
};

const PROBLEMS: Readonly<Record<string, string>> = {
  url: 'Nothing is sent there. Write https://, a host and a path, without name and password; a receiver in a private network has to be named by the operator of this Basalt, under “webhooks” in basalt.yaml. Or you have 50 subscriptions already.',
  via: 'No mail leaves here, or your account has no address any more.',
  daily: 'This is no time zone: write one as Europe/Berlin.',
};
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** What was chosen last is chosen already: then it is one click. */
export function SubscribeForm({ feed, query, origin, data, refused }: Props) {
  const { meta, viewer } = data;
  const address = meta.sendsMail ? (viewer.account?.mail ?? null) : null;
  const [last] = viewer.feedSubscriptions;
  const url = refused.url || (viewer.feedSubscriptions.find((one) => one.url)?.url ?? '');
  const isMail = address !== null && (refused.via || (last?.via ?? 'MAIL')) === 'MAIL';
  const problemsOf = (field: string) => (refused.field.startsWith(field) ? [PROBLEMS[field] ?? ''] : []);
  return (
    <form className="form" method="post" action={saveSubscribePath()}>
      <input type="hidden" name="feed" value={feed} />
      <input type="hidden" name="query" value={query} />
      <input type="hidden" name="origin" value={origin} />
      {address !== null && (
        <fieldset>
          <legend className="dim">It is sent</legend>
          <label className="tick">
            <input type="radio" name="via" value="MAIL" defaultChecked={isMail} />
            by mail to {address}
          </label>
          <label className="tick">
            <input type="radio" name="via" value="WEBHOOK" defaultChecked={!isMail} />
            to a webhook
          </label>
        </fieldset>
      )}
      <FieldProblems id="via-problem" problems={problemsOf('via')} />
      <TextField
        name="url"
        label="Address of the webhook"
        value={url}
        problems={problemsOf('url')}
        isRequired={address === null}
      >
        Messages are JSON, signed by Standard Webhooks; the key is shown when you have saved.
        {address === null &&
          (meta.sendsMail
            ? ' Mail is not offered: your account has no address; an admin gives it one.'
            : ' Mail is not offered: the operator of this Basalt named no mail server.')}
      </TextField>
      <label className="field" htmlFor="hour">
        <span>When</span>
        <select id="hour" name="hour" defaultValue={last?.daily?.hour ?? ''}>
          <option value="">at once</option>
          {HOURS.map((hour) => (
            <option key={hour} value={hour}>
              once a day, at {hour}:00
            </option>
          ))}
        </select>
      </label>
      <TextField name="zone" label="By the clock of" value={last?.daily?.zone ?? 'UTC'} problems={problemsOf('daily')}>
        Where it is once a day: for example Europe/Berlin. On a day without news nothing is sent.
      </TextField>
      <div className="acts">
        <button className="btn primary" type="submit">
          Subscribe
        </button>
        <Link className="btn ghost" href={`${accountPath()}#subscriptions`} prefetch={false}>
          Your subscriptions
        </Link>
      </div>
    </form>
  );
}
