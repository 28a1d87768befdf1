/** The editors of the explorer: CodeMirror, which needs no other host, no eval and no worker. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { graphql, showInDocsCommand } from 'cm6-graphql';
import type { Problem } from './ask.ts';

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.operatorKeyword], color: 'var(--color-infra-fg)' },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: 'var(--color-warn-fg)' },
  { tag: [tags.typeName, tags.className, tags.atom], color: 'var(--color-run-fg)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--color-pass-fg)' },
  { tag: [tags.number, tags.integer, tags.float, tags.bool, tags.null], color: 'var(--color-accent)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--color-text-3)' },
  { tag: tags.attributeName, color: 'var(--color-text-2)' },
]);

/** In the colours of the page; a style sheet of ours would lose against CodeMirror's own. */
const THEME = EditorView.theme({
  '&': { height: '100%', fontSize: 'var(--text-s)', color: 'var(--color-text)', background: 'var(--color-surface)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '18px' },
  '.cm-gutters': {
    background: 'var(--color-surface)',
    borderColor: 'var(--color-line)',
    color: 'var(--color-text-3)',
  },
  '.cm-content': { caretColor: 'var(--color-text)' },
  '.cm-cursor': { borderColor: 'var(--color-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--color-selected)',
  },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--color-hover)', outline: '1px solid var(--color-control)' },
  '.cm-tooltip': {
    background: 'var(--color-raised)',
    border: '1px solid var(--color-line-strong)',
    borderRadius: 'var(--radius-3)',
    boxShadow: 'var(--shadow)',
    color: 'var(--color-text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--color-selected)', color: 'var(--color-text)' },
  '.cm-completionDetail': { color: 'var(--color-text-2)' },
  '.cm-tooltip.cm-completionInfo': { maxWidth: '340px', padding: '6px 10px', fontFamily: 'var(--font-sans)' },
  '.cm-diagnostic-error': { borderInlineStartColor: 'var(--color-fail-fill)' },
});

export type EditorOptions = {
  parent: HTMLElement;
  label: string;
  text: string;
  changed(text: string): void;
  /** Where the cursor is, in characters. */
  moved?(to: number): void;
  /** Ctrl-Enter, and Cmd-Enter on a Mac. */
  run(): void;
};

function createEditor({ parent, label, text, changed, moved, run }: EditorOptions, language: Extension): EditorView {
  const pressed = (view: EditorView) => {
    closeCompletion(view);
    run();
    return true;
  };
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run: pressed },
            { key: 'Ctrl-Enter', run: pressed },
          ]),
        ),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        syntaxHighlighting(COLOURS),
        THEME,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
          if (update.selectionSet) moved?.(update.state.selection.main.head);
        }),
        language,
      ],
    }),
  });
}

/**
 * It completes and checks once `updateSchema` has given it the contract. `showDocs` is told the type of the field under the
 * cursor, at F1 or at a click with Ctrl or Cmd.
 */
export function createQueryEditor(options: EditorOptions, showDocs: (type: string) => void): EditorView {
  const show = (_field?: string, type?: string, parent?: string) =>
    showDocs((type ?? parent ?? 'Query').replaceAll(/[[\]!]/g, ''));
  return createEditor(options, [
    graphql(undefined, { onShowInDocs: show }),
    keymap.of([{ key: 'F1', run: showInDocsCommand, preventDefault: true }]),
  ]);
}

export function createVariablesEditor(options: EditorOptions): EditorView {
  const parse = jsonParseLinter();
  const isBlank = (view: EditorView) => view.state.doc.toString().trim() === '';
  return createEditor(options, [json(), linter((view) => (isBlank(view) ? [] : parse(view)))]);
}

export function setText(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

/** Marks where the server says that something is wrong, until the text changes. */
export function markProblems(view: EditorView, problems: readonly Problem[]): void {
  const marks = problems.flatMap(({ message, locations }): Diagnostic[] =>
    (locations ?? []).map((at) => {
      const from = offsetOf(view, at);
      const to = view.state.wordAt(from)?.to ?? Math.min(from + 1, view.state.doc.length);
      return { from, to, severity: 'error', message };
    }),
  );
  view.dispatch(setDiagnostics(view.state, marks));
}

export function goTo(view: EditorView, at: { line: number; column: number }): void {
  view.dispatch({ selection: { anchor: offsetOf(view, at) }, scrollIntoView: true });
  view.focus();
}

function offsetOf({ state }: EditorView, { line, column }: { line: number; column: number }): number {
  const found = state.doc.line(Math.min(line, state.doc.lines));
  return Math.min(found.from + column - 1, found.to);
}
