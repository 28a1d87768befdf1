import { cache } from 'react';
import { ask, askAt } from '@/api-client.ts';
import { historyFields, toHistoryVariables } from '@/features/history/history-filter.ts';
import { type HistoryShow, SuiteHistoryDocument, TestHistoryDocument } from '@/graphql/graphql.ts';
import { suitePath } from '@/paths.ts';
import { readFilters, type SearchParams, toHref } from '@/ui/filter.ts';

/** Tests on a page of the grid. */
const ROWS = 200;
/** Results whose measurements the API reads at most. */
const MEASURED = 1_000;

export const SHOWN: Record<string, HistoryShow> = {
  failing: 'FAILING',
  changed: 'CHANGED',
  notgreen: 'NOT_GREEN',
  all: 'ALL',
};

const first = (value: string | string[] | undefined) => [value].flat()[0] || undefined;

/** The options of lab, type and branch come with the answer, so the question uses the fields without them. */
const FIELDS = historyFields([], [], []);

/** The grid of a suite: what the address names, else what is not all green, or all where everything is. */
export const readSuite = cache(async (project: string, suite: string, query: string) => {
  const params: SearchParams = JSON.parse(query);
  const filters = readFilters(FIELDS, params);
  const [after, before] = [first(params.after), first(params.before)];
  const named = SHOWN[first(params.show) ?? ''];
  const read = (show: HistoryShow) => {
    const page = before ? { last: ROWS, before } : { first: ROWS, after };
    const variables = { project, suite, show, ...toHistoryVariables(FIELDS, filters), ...page };
    const start = toHref(suitePath(project, suite), filters, { show: first(params.show) });
    return askAt(SuiteHistoryDocument, variables, { isPlaced: Boolean(after || before), start }).then((data) => {
      return { data, variables, filters };
    });
  };
  const asked = await read(named ?? 'NOT_GREEN');
  const { total, green } = asked.data.historyGrid.counts;
  return named === undefined && total > 0 && green === total ? read('ALL') : asked;
});

/** The history of one test; without its measurements where it has more results than these are read for. */
export const readTest = cache(async (project: string, suite: string, name: string, query: string) => {
  const params: SearchParams = JSON.parse(query);
  const filters = readFilters(FIELDS, params);
  const variables = { project, suite, name, set: first(params.set), ...toHistoryVariables(FIELDS, filters) };
  const read = async (measured: boolean) => {
    const asked = { ...variables, measured };
    return { data: await ask(TestHistoryDocument, asked), variables: asked, filters };
  };
  // First without: a refusal of thousands of measurements costs the API more than the history.
  const asked = await read(false);
  return asked.data.testHistory.points.length <= MEASURED ? read(true) : asked;
});
