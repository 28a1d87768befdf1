/** Large tables as the browser gets them: as HTML, and beside it what React takes over, as JSON in a text of a script. */
import { type ComponentType, createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { toShown } from '../../frontend/features/build/matrix.ts';
import { MatrixTable } from '../../frontend/features/build/matrix-table.tsx';
import { toColumns } from '../../frontend/features/history/columns.ts';
import { HistoryTable } from '../../frontend/features/history/history-table.tsx';
import { toLines } from '../../frontend/features/history/suite-lines.ts';

function weigh<Props extends object>(Table: ComponentType<Props>, props: Props) {
  const html = renderToString(createElement(Table, props));
  return { html, bytes: html.length + JSON.stringify(JSON.stringify(props)).length };
}

test('a grid of 100 tests by 50 builds weighs less than 180 kB, with a link for each cell that is no pass', () => {
  const builds = Array.from({ length: 50 }, (_, i) => ({ version: `v6.10-rc3-${200 + i}-g1f2e3d4c`, day: '1 Jun' }));
  const columns = toColumns('mainline', builds);
  const rows = Array.from({ length: 100 }, (_, i) => ({
    ...{ set: null, name: `clock_gettime${i}`, environment: { name: 'meson-gxl-s905x' } },
    cells: `FSM${'P'.repeat(47)}`,
    failing: { since: { version: 'v6.10-rc3-200-g1f2e3d4c' }, lastPass: null, buildCount: 3 },
  }));
  const { html, bytes } = weigh(HistoryTable, {
    ...{ labelledBy: 'grid', head: 'Test', columns },
    lines: toLines(rows, {}, columns),
  });

  expect(html.match(/<td class="[fsx]"><a href/g)).toHaveLength(300);
  expect(html.match(/<td>pass<\/td>/g)).toHaveLength(100 * 47);
  expect(bytes).toBeLessThan(180_000);
});

test('a matrix of a thousand cells weighs less than 220 kB', () => {
  const columns = Array.from({ length: 100 }, (_, i) => `meson-gxl-s905x-${i}`);
  const suites = Array.from({ length: 10 }, (_, i) => ({
    suite: `ltp-syscalls-${i}`,
    cases: 1200,
    cells: new Map(
      columns.map((name, at) => {
        const fail = at % 20 === 0 ? 2 : 0;
        const counts = { pass: 1198, fail, skip: 0, unknown: 0, total: 1200 };
        const labs = ['alpha', 'beta'].map((slug) => ({ source: { slug }, counts, infrastructureFailures: 0 }));
        const flags = { disagree: false, isNewlyFailing: false, recent: 'PPPPP', infrastructureFailures: 0 };
        return [name, { environment: { name }, labs, ...flags }];
      }),
    ),
  }));
  const { html, bytes } = weigh(MatrixTable, {
    ...{ columns, query: { project: 'mainline', build: 'v6.10-rc3-200-g1f2e3d4c' }, once: false },
    rows: toShown({ environments: columns, passing: [], rows: suites }, columns),
  });

  expect(html.match(/2,396 pass/g)).toHaveLength(950);
  expect(html.match(/data-count="4"/g)).toHaveLength(50);
  expect(bytes).toBeLessThan(220_000);
});
