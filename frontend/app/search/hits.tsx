import Link from 'next/link';
import { verdictOfJob } from '@/features/job/verdict.ts';
import { verdictOfCase } from '@/features/test-case/verdict.ts';
import type { HitFragment } from '@/graphql/graphql.ts';
import { STEPS, verdictOfHealth } from '@/lava.ts';
import { buildPath, devicePath, jobPath, testPath } from '@/paths.ts';
import { Marked } from '@/ui/marked.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';
import { Age } from '@/ui/time.tsx';

export const KINDS = [
  { kind: 'TEST', value: 'test', label: 'Test' },
  { kind: 'JOB', value: 'job', label: 'Job' },
  { kind: 'DEVICE', value: 'device', label: 'Device' },
  { kind: 'BUILD', value: 'build', label: 'Build' },
] as const;

type Place = {
  href: string | null;
  name: string;
  of: string;
  verdict: Verdict | null;
  at: string | null;
  history?: string;
};

/** What a hit leads to: a test to its newest result. */
function placeOf({ kind, text, within, testCase, job, device, build }: HitFragment): Place {
  if (testCase) {
    return {
      href: jobPath(testCase.job.source.slug, testCase.job.externalId),
      name: text,
      of: within,
      verdict: verdictOfCase(testCase.result, within === STEPS),
      at: testCase.job.submitTime,
      history: historyOf(testCase, within, text),
    };
  }
  if (job) {
    const { slug } = job.source;
    return {
      href: jobPath(slug, job.externalId),
      name: text,
      of: `${slug}/${job.externalId}`,
      verdict: verdictOfJob(job),
      at: job.submitTime,
    };
  }
  if (device) {
    const { slug } = device.source;
    return {
      href: devicePath(slug, device.hostname),
      name: text,
      of: slug,
      verdict: verdictOfHealth(device.health),
      at: null,
    };
  }
  if (build) {
    const { slug } = build.project;
    return { href: buildPath(slug, build.version), name: text, of: slug, verdict: null, at: build.createdAt };
  }
  return { href: null, name: text, of: kind === 'TEST' ? within : '', verdict: null, at: null };
}

/** Of a test of a project; the master's own steps have none. */
function historyOf({ job }: NonNullable<HitFragment['testCase']>, suite: string, name: string): string | undefined {
  return job.build && suite !== STEPS ? testPath(job.build.project.slug, suite, name) : undefined;
}

export function Hits({ hits, text, labelledBy }: { hits: readonly HitFragment[]; text: string; labelledBy: string }) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Found</th>
            <th scope="col">Kind</th>
            <th scope="col">Of</th>
            <th scope="col" className="p2">
              Newest
            </th>
            <th scope="col" className="p2 num">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => {
            const { href, name, of, verdict, at, history } = placeOf(hit);
            const words = <Marked text={name} part={text} />;
            return (
              <tr key={`${hit.kind} ${of} ${name}`}>
                <th scope="row" className="clip mono" title={name}>
                  {href ? (
                    <Link className="link" href={href} prefetch={false} data-open>
                      {words}
                    </Link>
                  ) : (
                    words
                  )}
                </th>
                <td>{KINDS.find(({ kind }) => kind === hit.kind)?.label}</td>
                <td className="dim">
                  <span className="mono">{of}</span>{' '}
                  {history && (
                    <Link className="link" href={history} prefetch={false} aria-label={`History of ${name}`}>
                      History
                    </Link>
                  )}
                </td>
                <td className="p2">{verdict ? <Status {...verdict} /> : <span className="faint">–</span>}</td>
                <td className="p2 num">{at ? <Age at={at} /> : <span className="faint">–</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
