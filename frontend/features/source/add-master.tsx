'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { askFromBrowser } from '@/browser-client.ts';
import type { TestSourceMutation, Visibility } from '@/graphql/graphql.ts';
import { labPath } from '@/paths.ts';
import { Problems } from '@/ui/problem-list.tsx';
import { useChange } from '@/ui/use-change.ts';
import { useIsClient } from '@/ui/use-is-client.ts';
import { toAdvanced, toInput } from './advanced.ts';
import { AdvancedFields } from './advanced-fields.tsx';
import { type Found, MasterFound } from './master-found.tsx';
import { slugOf } from './slug-of.ts';
import { teamsOf, VisibilityField } from './visibility-field.tsx';

type Props = {
  /** The mutations' texts; the server component has them already. */
  test: string;
  add: string;
};

/** Address and token, a test in words, then a name and who may see it. */
export function AddMaster({ test, add }: Props) {
  const isClient = useIsClient();
  const router = useRouter();
  const { problems, isBusy, attempt, change, clear } = useChange();
  const [url, setUrl] = useState('');
  const [token, setToken] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [proposed, setProposed] = useState<string | null>(null);
  const [slug, setSlug] = useState('');
  const [visibility, setVisibility] = useState<Visibility>('INTERNAL');
  const [teams, setTeams] = useState('');
  const [advanced, setAdvanced] = useState(() => toAdvanced());

  const forget = () => {
    setFound(null);
    setProposed(null);
    clear();
  };
  const tryAt = async (address: string) => {
    forget();
    const input = { url: withScheme(address), token: token || null, ca: advanced.ca.trim() || null };
    const answer = await attempt(async () => (await askFromBrowser<TestSourceMutation>(test, { input })).testSource);
    setFound(answer?.result ?? null);
    setProposed(answer?.proposedUrl ?? null);
    if (answer?.result) {
      setUrl(answer.result.url);
      if (slug === '') setSlug(slugOf(answer.result.url));
    }
  };
  const save = async () => {
    const input = { slug, url, token: token || null, visibility, teams: teamsOf(teams), ...toInput(advanced) };
    if (await change(add, input)) router.push(labPath(slug));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void (found ? save() : tryAt(url));
  };
  const has = (field: string) => problems.some((one) => one.field === field);

  return (
    <form method="post" onSubmit={submit}>
      {/* What is typed before the page is awake would be lost. */}
      <fieldset className="form" disabled={!isClient}>
        <div>
          <label className="field" htmlFor="url">
            <span>Address of the master</span>
            <input
              id="url"
              type="text"
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              required
              placeholder="https://lava.example.org/"
              value={url}
              aria-invalid={has('url')}
              aria-describedby="url-problem"
              onChange={({ target }) => {
                setUrl(target.value);
                forget();
              }}
            />
          </label>
          <Problems problems={problems} of="url" />
          {proposed && (
            <div className="acts">
              <button
                className="btn"
                type="button"
                disabled={isBusy}
                onClick={() => {
                  setUrl(proposed);
                  void tryAt(proposed);
                }}
              >
                Test {proposed}
              </button>
            </div>
          )}
        </div>
        <div>
          <label className="field" htmlFor="token">
            <span>Token, of an ordinary user who may view the jobs</span>
            <input
              id="token"
              type="password"
              autoComplete="off"
              value={token}
              aria-invalid={has('token')}
              aria-describedby="token-problem token-hint"
              onChange={({ target }) => {
                setToken(target.value);
                forget();
              }}
            />
          </label>
          <Problems problems={problems} of="token" />
          <p className="hint" id="token-hint">
            Without one Basalt reads what every visitor of the master sees. It is kept encrypted and never shown again.
          </p>
        </div>
        {found && (
          <>
            <MasterFound found={found} />
            <div>
              <label className="field" htmlFor="slug">
                <span>Name in addresses</span>
                <input
                  id="slug"
                  autoComplete="off"
                  spellCheck={false}
                  required
                  value={slug}
                  aria-invalid={has('slug')}
                  aria-describedby="slug-problem slug-hint"
                  onChange={({ target }) => setSlug(target.value)}
                />
              </label>
              <Problems problems={problems} of="slug" />
              <p className="hint" id="slug-hint">
                Its page will be /labs/{slug || '…'}, for good.
              </p>
            </div>
            <VisibilityField
              visibility={visibility}
              teams={teams}
              problems={problems}
              onVisibility={setVisibility}
              onTeams={setTeams}
            />
            <p className="hint">
              Basalt asks this master at most 120 times a minute, two requests at a time; that can be changed later.
            </p>
          </>
        )}
        <AdvancedFields
          value={advanced}
          problems={problems}
          slug={slug}
          takesCallbacks={false}
          onChange={(value) => {
            if (value.ca !== advanced.ca) forget();
            setAdvanced(value);
          }}
        />
        <Problems problems={problems} of="budget" />
        <Problems problems={problems} of={null} />
        <div className="acts">
          {found ? (
            <button className="btn primary" type="submit" disabled={isBusy}>
              {isBusy ? 'Saving …' : 'Save and read it'}
            </button>
          ) : (
            <button className="btn primary" type="submit" disabled={isBusy}>
              {isBusy ? 'Testing …' : 'Test'}
            </button>
          )}
        </div>
        <noscript>
          <p className="problem">Adding a master needs JavaScript; without it, name the master in basalt.yaml.</p>
        </noscript>
      </fieldset>
    </form>
  );
}

/** An address as people write it. */
function withScheme(text: string): string {
  const address = text.trim();
  return address === '' || /^[a-z]+:\/\//i.test(address) ? address : `https://${address}`;
}
