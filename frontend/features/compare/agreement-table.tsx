'use client';
import type { AgreementTestFragment } from '@/graphql/graphql.ts';
import { Dash } from '@/ui/dash.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { BothLogs, LogLink, Result } from './result-at.tsx';

type Props = { tests: readonly AgreementTestFragment[]; labs: readonly string[]; labelledBy: string };

/** Tests against labs, each result with its log. */
export function AgreementTable({ tests, labs, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t pin agreement">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col" className="p2">
              Device type
            </th>
            {labs.map((slug) => (
              <th key={slug} scope="col">
                {slug}
              </th>
            ))}
            <th scope="col" className="p2">
              Logs
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => {
            const { suite, set, environment } = test;
            const name = `${suite}/${set ? `${set}/` : ''}${test.name}`;
            const type = environment.name || 'no type';
            return (
              <tr key={JSON.stringify([suite, set, test.name, environment.name])}>
                <th scope="row" className="mono" title={name}>
                  {name}
                  <span className="sub only-s">{type}</span>
                </th>
                <td className="p2">{type}</td>
                {labs.map((slug) => {
                  const found = test.labs.find(({ source }) => source.slug === slug);
                  return (
                    <td key={slug}>
                      {found ? (
                        <>
                          <Result of={found.result} /> <LogLink at={found.testCase} lab={false} />
                        </>
                      ) : (
                        <Dash says="not run" />
                      )}
                    </td>
                  );
                })}
                <td className="p2">
                  <BothLogs {...differing(test)} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

/** A result that passes beside one that fails; else the first two. */
function differing({ labs }: AgreementTestFragment) {
  const base = labs.find(({ result }) => result === 'PASS') ?? labs[0];
  const target = labs.find((lab) => lab !== base && lab.result === 'FAIL') ?? labs.find((lab) => lab !== base);
  return { base: base?.testCase ?? null, target: target?.testCase ?? null };
}
