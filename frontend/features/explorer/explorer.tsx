'use client';
import type { EditorView } from '@codemirror/view';
import { updateSchema } from 'cm6-graphql';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Code } from '@/ui/code.tsx';
import { Copy } from '@/ui/copy.tsx';
import { curlOf } from '@/ui/curl.ts';
import { explorerPath, readFragment } from '@/ui/explorer-address.ts';
import { Answer } from './answer.tsx';
import type { Sent } from './ask.ts';
import { CostMeter } from './cost-meter.tsx';
import { Docs } from './docs.tsx';
import { createQueryEditor, createVariablesEditor, goTo, markProblems, setText } from './editor.ts';
import type { Example } from './examples.ts';
import { MutationWarning } from './mutation-warning.tsx';
import { operationAt } from './operation.ts';
import { useCost } from './use-cost.ts';
import { useRun } from './use-run.ts';
import { useSchema } from './use-schema.ts';
import { readVariables } from './variables.ts';

type Props = { examples: readonly Example[]; login: string | null; mostCost: number };

const layOut = (variables: object) => JSON.stringify(variables, null, 2);

/** Asks this server by whoever looks at the page. What the address holds is shown, and run only when somebody says so. */
export function Explorer({ examples, login, mostCost }: Props) {
  const [first] = examples;
  const [query, setQuery] = useState(first?.query ?? '');
  const [values, setValues] = useState(layOut(first?.variables ?? {}));
  const [cursor, setCursor] = useState(0);
  const [docsOf, setDocsOf] = useState('Query');
  const [isAsking, setAsking] = useState(false);
  const { schema, problem } = useSchema();
  const editors = useRef<{ query?: EditorView; variables?: EditorView }>({});
  const operation = useMemo(() => operationAt(query, cursor), [query, cursor]);
  const isValid = useMemo(() => schema !== null && operation?.isValid(schema) === true, [operation, schema]);
  const variables = readVariables(values);
  const sent: Sent | null = variables.problem
    ? null
    : { query, variables: variables.values, ...(operation?.name && { operationName: operation.name }) };
  const [said, tell] = useCost(isValid && operation?.kind !== 'subscription' ? sent : null);
  const { outcome, isRunning, start, stop } = useRun(tell);

  const load = useCallback((asked: { query: string; variables: string }) => {
    setQuery(asked.query);
    setValues(asked.variables);
    setCursor(0);
    setAsking(false);
    if (editors.current.query) setText(editors.current.query, asked.query);
    if (editors.current.variables) setText(editors.current.variables, asked.variables);
  }, []);
  useEffect(() => {
    const read = () => {
      const asked = readFragment(location.hash);
      if (asked) load(asked);
    };
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, [load]);

  const begin = () => {
    setAsking(false);
    if (!sent) return;
    history.replaceState(history.state, '', explorerPath({ query, variables: values }));
    void start(sent, operation?.kind === 'subscription');
  };
  const run = () => (operation?.kind === 'mutation' ? setAsking(true) : begin());
  const latest = useRef({ query, values, run });
  useEffect(() => {
    latest.current = { query, values, run };
  });
  useEffect(() => {
    if (editors.current.query) markProblems(editors.current.query, outcome.problems);
  }, [outcome]);
  useEffect(() => {
    if (schema && editors.current.query) updateSchema(editors.current.query, schema);
  }, [schema]);

  const placeQuery = useCallback((parent: HTMLDivElement) => {
    const options = { parent, label: 'Query', text: latest.current.query, changed: setQuery, moved: setCursor };
    const view = createQueryEditor({ ...options, run: () => latest.current.run() }, setDocsOf);
    editors.current.query = view;
    return () => view.destroy();
  }, []);
  const placeVariables = useCallback((parent: HTMLDivElement) => {
    const options = { parent, label: 'Variables', text: latest.current.values, changed: setValues };
    const view = createVariablesEditor({ ...options, run: () => latest.current.run() });
    editors.current.variables = view;
    return () => view.destroy();
  }, []);

  return (
    <div className="explorer">
      <div className="tools">
        <label className="field">
          <span className="sr">Example</span>
          <select
            defaultValue=""
            onChange={({ target }) => {
              const chosen = examples.find(({ task }) => task === target.value);
              if (chosen) load({ query: chosen.query, variables: layOut(chosen.variables) });
            }}
          >
            <option value="" disabled>
              Examples
            </option>
            {examples.map(({ task }) => (
              <option key={task}>{task}</option>
            ))}
          </select>
        </label>
        {isRunning ? (
          <button className="btn" type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button className="btn primary" type="button" disabled={!sent} onClick={run}>
            Run <kbd>Ctrl Enter</kbd>
          </button>
        )}
        {sent && <Copy text={curlOf(query, sent.variables, location.origin)} label="Copy as curl" />}
        <Copy text={`${location.origin}${explorerPath({ query, variables: values })}`} label="Copy link" />
        <CostMeter said={said} most={mostCost} />
      </div>
      {isAsking && (
        <MutationWarning name={operation?.name} login={login} begin={begin} leave={() => setAsking(false)} />
      )}
      {problem && <p className="problem">{problem}</p>}
      <div className="panes">
        <section aria-labelledby="query-title">
          <div className="sh">
            <h2 id="query-title">Query</h2>
            <span className="c keys">Ctrl Space completes; F1 opens the type of a field</span>
          </div>
          <div className="edit" ref={placeQuery} />
          <div className="sh">
            <h2>Variables</h2>
          </div>
          <div className="edit small" ref={placeVariables} />
          {variables.problem && <p className="problem">{variables.problem}</p>}
          {sent && (
            <details>
              <summary>As a command line</summary>
              <Code title="curl" text={curlOf(query, sent.variables, location.origin)} />
            </details>
          )}
        </section>
        <Answer
          outcome={outcome}
          isRunning={isRunning}
          goTo={(at) => editors.current.query && goTo(editors.current.query, at)}
        />
        {schema && <Docs schema={schema} type={docsOf} open={setDocsOf} />}
      </div>
    </div>
  );
}
