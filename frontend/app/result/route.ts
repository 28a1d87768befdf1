/**
 * From a cell of a history to what is behind it: of the results of a test in a build the newest failing one, else the
 * newest, at its line of the log. Where there is none, the jobs that were to run it.
 */
import { redirect } from 'next/navigation';
import { ask } from '@/api-client.ts';
import { ResultOfBuildDocument, type ResultPlaceFragment } from '@/graphql/graphql.ts';
import { jobPath, jobsPath } from '@/paths.ts';

export async function GET(request: Request): Promise<never> {
  const params = new URL(request.url).searchParams;
  const of = (key: string) => params.get(key) ?? '';
  const [project, build, suite, type, lab] = [
    of('project'),
    of('build'),
    of('suite'),
    of('type'),
    params.getAll('lab'),
  ];
  const includeHealthChecks = params.has('checks');
  const job = {
    project,
    build,
    scope: { deviceTypes: [type], includeHealthChecks, ...(lab.length && { sources: lab }) },
  };
  const any = { job, suite, name: of('test') };
  const found = await ask(ResultOfBuildDocument, { any, failing: { ...any, result: ['FAIL'] } });
  const isOfSet = ({ set }: ResultPlaceFragment) => set === params.get('set');
  const place = found.failing.nodes.find(isOfSet) ?? found.any.nodes.find(isOfSet);
  redirect(place ? placeOf(place) : jobsPath({ project, build, suite, type, lab, checks: params.get('checks') ?? [] }));
}

function placeOf({ job, suite, startLogLine }: ResultPlaceFragment): string {
  const path = jobPath(job.source.slug, job.externalId);
  if (startLogLine === null) return `${path}?${new URLSearchParams({ suite })}#cases`;
  return `${path}?line=${startLogLine}#L${startLogLine}`;
}
