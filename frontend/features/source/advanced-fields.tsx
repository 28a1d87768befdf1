'use client';
import { useState } from 'react';
import type { UserProblemFragment } from '@/graphql/graphql.ts';
import { Problems } from '@/ui/problem-list.tsx';
import { type Advanced, DAYS, PARTS } from './advanced.ts';

type Props = {
  value: Advanced;
  problems: readonly UserProblemFragment[];
  /** Of the lab, for the address of its callbacks. */
  slug: string;
  takesCallbacks: boolean;
  onChange: (value: Advanced) => void;
};

const FIELDS = ['ca', 'callbackToken', 'retention', 'history'];

const KEPT: Record<(typeof PARTS)[number], string> = {
  logs: 'Logs',
  detail: 'Places in logs, times',
  results: 'Results',
  rollups: 'Jobs and sums',
};

/** What most masters do without: folded away, unless something is wrong in it. */
export function AdvancedFields({ value, problems, slug, takesCallbacks, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const set = (more: Partial<Advanced>) => onChange({ ...value, ...more });
  const of = (field: string) => problems.some((one) => one.field?.startsWith(field));
  const needsCa = problems.some(({ code }) => code === 'CERTIFICATE');
  const isOdd = needsCa || FIELDS.some(of) || of('budget.quietHours') || of('budget.megabytesPerHour');
  return (
    <details open={isOpen || isOdd} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Advanced: own authority, callbacks, quiet hours, history, how long things are kept</summary>
      <div className="form">
        <div>
          <label className="field" htmlFor="ca">
            <span>Certificate of its authority, if it is your own (PEM)</span>
            <textarea
              id="ca"
              rows={4}
              spellCheck={false}
              placeholder="-----BEGIN CERTIFICATE-----"
              value={value.ca}
              aria-invalid={of('ca')}
              aria-describedby="ca-problem"
              onChange={({ target }) => set({ ca: target.value })}
            />
          </label>
          <Problems problems={problems} of="ca" />
        </div>
        <div>
          <label className="field" htmlFor="callbackToken">
            <span>{takesCallbacks ? 'New token of callbacks' : 'Token of callbacks'}</span>
            <input
              id="callbackToken"
              type="password"
              autoComplete="off"
              value={value.callbackToken}
              aria-invalid={of('callbackToken')}
              aria-describedby="callbackToken-problem callbackToken-hint"
              onChange={({ target }) => set({ callbackToken: target.value })}
            />
          </label>
          <Problems problems={problems} of="callbackToken" />
          <p className="hint" id="callbackToken-hint">
            With it jobs may tell of their end at /callbacks/lava/{slug || '…'}, and are read at once.
            {takesCallbacks && ' Left empty, it stays as it is.'} It is never shown.
          </p>
        </div>
        <div className="pair">
          <label className="field" htmlFor="history">
            <span>Of its past, read first</span>
            <select
              id="history"
              value={value.history}
              onChange={({ target }) => set({ history: target.value === 'OLDEST' ? 'OLDEST' : 'NEWEST' })}
            >
              <option value="NEWEST">The newest jobs</option>
              <option value="OLDEST">The oldest jobs</option>
            </select>
          </label>
          <label className="field" htmlFor="megabytes">
            <span>Megabytes an hour at most</span>
            <input
              id="megabytes"
              type="number"
              min={1}
              max={1_000_000}
              placeholder="not limited"
              value={value.megabytes}
              aria-invalid={of('budget.megabytesPerHour')}
              onChange={({ target }) => set({ megabytes: target.value })}
            />
          </label>
        </div>
        <div>
          <div className="pair">
            <label className="field" htmlFor="from">
              <span>Quiet hours from</span>
              <input
                id="from"
                type="time"
                value={value.from}
                aria-invalid={of('budget.quietHours')}
                aria-describedby="quiet-hint"
                onChange={({ target }) => set({ from: target.value })}
              />
            </label>
            <label className="field" htmlFor="to">
              <span>to</span>
              <input id="to" type="time" value={value.to} onChange={({ target }) => set({ to: target.value })} />
            </label>
          </div>
          <label className="field" htmlFor="timeZone">
            <span>by the clock of</span>
            <input
              id="timeZone"
              value={value.timeZone}
              placeholder="Europe/London"
              onChange={({ target }) => set({ timeZone: target.value })}
            />
          </label>
          <fieldset className="days">
            <legend className="hint">beginning on</legend>
            {DAYS.map((day) => (
              <label className="tick" key={day} htmlFor={`day-${day}`}>
                <input
                  id={`day-${day}`}
                  type="checkbox"
                  checked={value.days.includes(day)}
                  onChange={({ target }) =>
                    set({ days: DAYS.filter((one) => (one === day ? target.checked : value.days.includes(one))) })
                  }
                />
                {day.charAt(0).toUpperCase() + day.slice(1)}
              </label>
            ))}
          </fieldset>
          <p className="hint" id="quiet-hint">
            In them only what is new is read, and no audit runs.
          </p>
        </div>
        <div>
          <div className="pair">
            {PARTS.map((part) => (
              <label className="field" key={part} htmlFor={`kept-${part}`}>
                <span>{KEPT[part]}, days kept</span>
                <input
                  id={`kept-${part}`}
                  type="number"
                  min={1}
                  placeholder="for ever"
                  value={value.kept[part]}
                  aria-invalid={of(`retention.${part}`)}
                  aria-describedby="retention-problem"
                  onChange={({ target }) => set({ kept: { ...value.kept, [part]: target.value } })}
                />
              </label>
            ))}
          </div>
          <Problems problems={problems} of="retention" />
        </div>
      </div>
    </details>
  );
}
