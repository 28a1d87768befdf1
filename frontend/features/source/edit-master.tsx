'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import type { EditLabPageQuery } from '@/graphql/graphql.ts';
import { labPath } from '@/paths.ts';
import { Problems } from '@/ui/problem-list.tsx';
import { useChange } from '@/ui/use-change.ts';
import { useIsClient } from '@/ui/use-is-client.ts';
import { toAdvanced, toInput } from './advanced.ts';
import { AdvancedFields } from './advanced-fields.tsx';
import { teamsOf, VisibilityField } from './visibility-field.tsx';

type Props = {
  lab: NonNullable<EditLabPageQuery['source']>;
  /** The mutations' texts; the server component has them already. */
  update: string;
  remove: string;
};

/** What may be changed of a source that was added here. */
export function EditMaster({ lab, update, remove }: Props) {
  const { slug, budget } = lab;
  const takesCallbacks = lab.addedSettings?.takesCallbacks === true;
  const isClient = useIsClient();
  const router = useRouter();
  const { problems, isBusy, change } = useChange();
  const [name, setName] = useState(lab.name);
  const [token, setToken] = useState('');
  const [isForgotten, setForgotten] = useState(false);
  const [visibility, setVisibility] = useState(lab.visibility);
  const [teams, setTeams] = useState((lab.teams ?? []).join(', '));
  const [concurrent, setConcurrent] = useState(budget.maxConcurrent);
  const [perMinute, setPerMinute] = useState(budget.maxPerMinute);
  const [advanced, setAdvanced] = useState(() => toAdvanced(lab));
  const [isDeaf, setDeaf] = useState(false);
  const [isSure, setSure] = useState(false);

  const leave = () => {
    router.push(labPath(slug));
    router.refresh();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { budget: rarer, callbackToken, ...more } = toInput(advanced);
    const input = {
      ...{ slug, name, visibility, teams: teamsOf(teams), ...more, budget: { concurrent, perMinute, ...rarer } },
      callbackToken: isDeaf ? '' : callbackToken,
      token: isForgotten ? '' : token || null,
    };
    if (await change(update, input)) leave();
  };
  const off = !isClient || isBusy;
  return (
    <>
      <form method="post" onSubmit={save}>
        <fieldset className="form" disabled={!isClient}>
          <div>
            <label className="field" htmlFor="name">
              <span>Name</span>
              <input id="name" required value={name} onChange={({ target }) => setName(target.value)} />
            </label>
            <Problems problems={problems} of="name" />
          </div>
          <div>
            <label className="field" htmlFor="token">
              <span>New token</span>
              <input
                id="token"
                type="password"
                autoComplete="off"
                disabled={isForgotten}
                value={token}
                aria-describedby="token-hint"
                onChange={({ target }) => setToken(target.value)}
              />
            </label>
            <Problems problems={problems} of="token" />
            <p className="hint" id="token-hint">
              Left empty, the token stays as it is. It is never shown.
            </p>
            <label className="tick" htmlFor="forget">
              <input
                id="forget"
                type="checkbox"
                checked={isForgotten}
                onChange={({ target }) => setForgotten(target.checked)}
              />
              Read as a visitor from now on, and forget the token
            </label>
          </div>
          <VisibilityField
            visibility={visibility}
            teams={teams}
            problems={problems}
            onVisibility={setVisibility}
            onTeams={setTeams}
          />
          <div className="pair">
            <label className="field" htmlFor="perMinute">
              <span>Requests a minute at most</span>
              <input
                id="perMinute"
                type="number"
                min={6}
                max={6000}
                required
                value={perMinute}
                onChange={({ target }) => setPerMinute(target.valueAsNumber)}
              />
            </label>
            <label className="field" htmlFor="concurrent">
              <span>Requests at a time at most</span>
              <input
                id="concurrent"
                type="number"
                min={1}
                max={32}
                required
                value={concurrent}
                onChange={({ target }) => setConcurrent(target.valueAsNumber)}
              />
            </label>
          </div>
          <AdvancedFields
            value={advanced}
            problems={problems}
            slug={slug}
            takesCallbacks={takesCallbacks}
            onChange={setAdvanced}
          />
          {takesCallbacks && (
            <label className="tick" htmlFor="deaf">
              <input id="deaf" type="checkbox" checked={isDeaf} onChange={({ target }) => setDeaf(target.checked)} />
              Take no callbacks from now on, and forget their token
            </label>
          )}
          {['budget', 'slug', null].map((of) => (
            <Problems key={of} problems={problems} of={of} />
          ))}
          <div className="acts">
            <button className="btn primary" type="submit" disabled={off}>
              Save
            </button>
          </div>
        </fieldset>
      </form>
      <section aria-labelledby="remove" className="form">
        <h2 id="remove">Remove the master</h2>
        <p className="hint">
          Basalt stops reading it and forgets its token. What was read stays, with all its pages; the name cannot be
          given to another master.
        </p>
        <label className="tick" htmlFor="sure">
          <input id="sure" type="checkbox" checked={isSure} onChange={({ target }) => setSure(target.checked)} />
          Stop reading {slug}
        </label>
        <div className="acts">
          <button
            className="btn"
            type="button"
            disabled={off || !isSure}
            onClick={async () => {
              if (await change(remove, { slug })) leave();
            }}
          >
            Remove
          </button>
        </div>
      </section>
    </>
  );
}
