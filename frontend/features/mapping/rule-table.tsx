import Link from 'next/link';
import type { MappingRulePartsFragment } from '@/graphql/graphql.ts';
import { MAPPING } from '@/paths.ts';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { conditionInWords } from './conditions.ts';

type Props = {
  rules: readonly MappingRulePartsFragment[];
  revision: number;
  /** Jobs of each rule, where a trial has counted them. */
  jobs: readonly number[] | null;
  labelledBy: string;
  /** Nothing of a trial can be changed: the form can. */
  isTrial: boolean;
};

const FROM = { FILE: 'basalt.yaml', KEPT: 'here', KNOWN: 'known to Basalt' } as const;

/** The rules in the order in which they are tried. */
export function RuleTable({ rules, revision, jobs, labelledBy, isTrial }: Props) {
  const first = rules.findIndex(({ origin }) => origin === 'KEPT');
  const last = rules.findLastIndex(({ origin }) => origin === 'KEPT');
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col" className="num">
              #
            </th>
            <th scope="col">Project</th>
            <th scope="col">If the job has</th>
            <th scope="col">Build</th>
            <th scope="col" className="p2">
              Branch
            </th>
            <th scope="col" className="p2">
              Labs
            </th>
            <th scope="col">From</th>
            {jobs && (
              <th scope="col" className="num">
                Jobs tried
              </th>
            )}
            {!isTrial && (
              <th scope="col">
                <span className="sr">Change</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place
            <tr key={i}>
              <td className="num" data-measure>
                {i + 1}
              </td>
              <th scope="row" className="mono wrap">
                {rule.project}
              </th>
              <td className="mono wrap">
                {rule.conditions.length === 0 && <span className="dim">anything</span>}
                {rule.conditions.map((condition) => (
                  <div key={condition.key}>{conditionInWords(condition)}</div>
                ))}
                {rule.problem && (
                  <p className="problem" data-measure>
                    It cannot be run, and places no job until it is changed: {rule.problem}
                  </p>
                )}
              </td>
              <td className="mono wrap">{rule.build}</td>
              <td className="mono wrap p2">{rule.branch}</td>
              <td className="wrap p2">{rule.sources?.join(', ') ?? 'all'}</td>
              <td>{FROM[rule.origin]}</td>
              {jobs && (
                <td className="num" data-measure>
                  {count(jobs[i] ?? 0)}
                </td>
              )}
              {!isTrial && (
                <td>
                  {rule.origin === 'KEPT' && (
                    <form className="acts" method="post" action={`${MAPPING}/save`}>
                      <input type="hidden" name="revision" value={revision} />
                      <input type="hidden" name="rule" value={i - first} />
                      <Link className="btn ghost" href={`${MAPPING}?rule=${i - first}#draft`} prefetch={false}>
                        Edit<span className="sr"> rule {i + 1}</span>
                      </Link>
                      {i > first && <Act act="up" name="Up" of={i} />}
                      {i < last && <Act act="down" name="Down" of={i} />}
                      <Act act="remove" name="Remove" of={i} />
                    </form>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Act({ act, name, of }: { act: string; name: string; of: number }) {
  return (
    <button className="btn ghost" type="submit" name="act" value={act}>
      {name}
      <span className="sr"> rule {of + 1}</span>
    </button>
  );
}
