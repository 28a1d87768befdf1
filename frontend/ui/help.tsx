'use client';
import { useEffect, useRef, useState } from 'react';
import { areKeysOn, isSingleKey, setKeys } from './single-keys.ts';

const KEYS = [
  ['/', 'search or filter'],
  ['j', 'next row'],
  ['k', 'previous row'],
  ['Enter', 'open the row'],
  ['←↑→↓', 'move in a table of cells; Home and End to the ends of a row'],
  ['x', 'in triage: select the row, or not'],
  ['b', 'in triage: a bug, with its known issue'],
  ['i f c', 'in triage: the lab’s, flaky, the code’s'],
  ['Ctrl Enter', 'in the API explorer: run'],
  ['u', 'undo'],
  ['n', 'next error in the log'],
  ['p', 'previous error in the log'],
  ['f', 'follow the end of a running log, or stay'],
  ['?', 'this help'],
  ['Esc', 'close what floats'],
] as const;

/** It keeps its place, so that nothing moves when it appears. */
const HIDDEN = { visibility: 'hidden' } as const;

/** The keyboard's help and the keys that work on every page; its button is there once they do. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOn, setOn] = useState(true);
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    setOn(areKeysOn());
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') return closeFloating();
      if (!isSingleKey(event)) return;
      if (event.key === '?') dialog.current?.showModal();
      else if (event.key === '/') focusSearch();
      else if (event.key === 'j') moveRow(1);
      else if (event.key === 'k') moveRow(-1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('click', closeOnOutsideClick);
    document.addEventListener('formdata', dropEmpty);
    setReady(true);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('click', closeOnOutsideClick);
      document.removeEventListener('formdata', dropEmpty);
    };
  }, []);
  return (
    <>
      <button
        className="link"
        type="button"
        style={isReady ? undefined : HIDDEN}
        onClick={() => dialog.current?.showModal()}
      >
        Keyboard <kbd>?</kbd>
      </button>
      <dialog ref={dialog} className="help" aria-labelledby="help-title">
        <h2 id="help-title">Keyboard</h2>
        <dl>
          {KEYS.map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label className="tick">
          <input
            type="checkbox"
            checked={isOn}
            onChange={({ target }) => {
              setKeys(target.checked);
              setOn(target.checked);
            }}
          />
          Single keys are on
        </label>
        <div className="acts">
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}

function openFloating(): HTMLDetailsElement | null {
  return document.querySelector<HTMLDetailsElement>('details[name="floating"][open]');
}

function closeFloating() {
  const open = openFloating();
  if (!open) return;
  open.open = false;
  open.querySelector('summary')?.focus();
}

function closeOnOutsideClick({ target }: MouseEvent) {
  const open = openFloating();
  if (open && target instanceof Node && !open.contains(target)) open.open = false;
}

/** An empty field is no filter: it stays out of the URL. */
function dropEmpty({ formData }: FormDataEvent) {
  for (const [key, value] of [...formData]) if (value === '') formData.delete(key);
}

function focusSearch() {
  const box =
    document.querySelector<HTMLInputElement>('main [data-search]') ??
    document.querySelector<HTMLInputElement>('[data-search]');
  box?.focus();
  box?.select();
}

function moveRow(step: 1 | -1) {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-open]')].filter((row) => row.offsetParent !== null);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}
