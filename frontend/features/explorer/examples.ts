import {
  BuildVerdictDocument,
  ChangedJobsDocument,
  DeviceHistoryDocument,
  type ExplorerPageQuery,
  FailingTestsDocument,
  FindByNameDocument,
  HistoryOfTestDocument,
  HowFreshDocument,
  NewestJobsDocument,
  SameFailuresDocument,
  WhatChangedDocument,
} from '@/graphql/graphql.ts';

export type Example = { task: string; how: string; query: string; variables: Record<string, unknown> };

const DAY_MS = 86_400_000;

/** Each gives rows on this server, as far as it has any: values come from what it holds. `now` in milliseconds. */
export function examplesOf({ sources, projects }: ExplorerPageQuery, now: number): Example[] {
  const [project] = projects.nodes;
  const [target, base] = project?.builds.nodes ?? [];
  const [known] = project?.builds.nodes.flatMap(({ testCases }) => testCases.nodes) ?? [];
  const device = known?.job.device;
  const lab = sources.nodes[0]?.slug ?? 'lab';
  const since = new Date(now - DAY_MS).toISOString();
  const ofProject = { project: project?.slug ?? 'project' };
  const made = (
    task: string,
    how: string,
    document: { toString(): string },
    variables: Record<string, unknown> = {},
  ): Example => ({
    ...{ task, how, variables },
    query: document.toString().trim(),
  });
  return [
    made('Failing tests since yesterday, in all labs', 'Go on with after: endCursor.', FailingTestsDocument, { since }),
    made('Newest jobs of a lab', 'Go on with after: endCursor.', NewestJobsDocument, { lab }),
    made(
      'The verdict of a build',
      'As basalt verdict says it: by suite and kind of board, the worst first.',
      BuildVerdictDocument,
      { ...ofProject, version: target?.version ?? 'version' },
    ),
    made('What changed between two builds', 'Test by test on each kind of board.', WhatChangedDocument, {
      ...ofProject,
      base: (base ?? target)?.version ?? 'base',
      target: target?.version ?? 'target',
    }),
    made('The history of a board', 'Its health as each sync saw it, and its newest jobs.', DeviceHistoryDocument, {
      lab: device?.source.slug ?? lab,
      hostname: device?.hostname ?? 'board',
    }),
    made('The history of a test', 'Over the newest builds, in every lab.', HistoryOfTestDocument, {
      ...ofProject,
      suite: known?.suite ?? 'suite',
      name: known?.name ?? 'test',
    }),
    made('Failures that are the same', 'Those that hit the most jobs first.', SameFailuresDocument, { since }),
    made(
      'Every job that changed since the last time',
      'Keep endCursor and go on after it, tomorrow or in a year: nothing is missed. What changed within a minute comes later.',
      ChangedJobsDocument,
      { after: null },
    ),
    made('Find by a part of a name', 'Tests, jobs, boards and builds.', FindByNameDocument, {
      text: known?.name.slice(0, 4) ?? 'boot',
    }),
    made('How fresh the copy is', 'Every list says so of itself, too: ask for its coverage.', HowFreshDocument),
  ];
}
