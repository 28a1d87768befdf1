'use client';
import Link from 'next/link';
import type { ChangeRowFragment, LabResultRowFragment } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { LabLetters } from '@/ui/lab-letters.tsx';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { BothLogs, LogLink, logHref, Result } from './result-at.tsx';

/** Of one suite and device type; `href`: where they are listed alone, null where there is no such list. */
export type ChangeGroup = { href: string | null; rows: readonly ChangeRowFragment[] };

type Props = {
  groups: readonly ChangeGroup[];
  /** All labs, so that letters are the same everywhere. */
  slugs: readonly string[];
  labelledBy: string;
};

const LAB_VERDICT = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** Changes by suite and device type, each with what either side says and where its log says it. */
export function ChangeTable({ groups, slugs, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t changes">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
            <th scope="col" className="p2">
              Labs in A
            </th>
            <th scope="col" className="p2">
              Labs in B
            </th>
            <th scope="col" className="p2">
              Log of A
            </th>
            <th scope="col" className="p2">
              Log of B
            </th>
            <th scope="col" className="p2">
              Logs
            </th>
          </tr>
        </thead>
        {groups.map(({ href, rows }) => (
          <tbody key={keyOf(rows[0])}>
            <GroupHead first={rows[0]} href={href} />
            {rows.map((row) => (
              <ChangeRow key={JSON.stringify([row.set, row.name])} row={row} slugs={slugs} />
            ))}
          </tbody>
        ))}
      </table>
    </Scroll>
  );
}

function keyOf(first: ChangeRowFragment | undefined): string {
  return JSON.stringify([first?.transition, first?.environment.name, first?.suite]);
}

function GroupHead({ first, href }: { first: ChangeRowFragment | undefined; href: string | null }) {
  if (!first) return null;
  const { suite, environment, groupCount } = first;
  return (
    <tr className="grp">
      <th scope="rowgroup" colSpan={8}>
        <span className="mono">{suite}</span> <span className="dim">on</span> {environment.name || 'no type'} ·{' '}
        {href ? (
          <Link href={href} prefetch={false} data-count={groupCount}>
            {count(groupCount)}
          </Link>
        ) : (
          <Measure>{count(groupCount)}</Measure>
        )}
      </th>
    </tr>
  );
}

function ChangeRow({ row, slugs }: { row: ChangeRowFragment; slugs: readonly string[] }) {
  const { set, name, baseResult, targetResult, base, target, baseLabs, targetLabs } = row;
  const where = target ?? base;
  return (
    <tr>
      <th scope="row" className="clip" title={set ? `${set}/${name}` : name}>
        {where ? (
          <Link className="mono" data-open prefetch={false} href={logHref(where)}>
            {set && <span className="faint">{set}/</span>}
            {name}
          </Link>
        ) : (
          <span className="mono">{name}</span>
        )}
      </th>
      <td>
        <Result of={baseResult} />
      </td>
      <td>
        <Result of={targetResult} />
      </td>
      <td className="p2">
        <Labs labs={baseLabs} slugs={slugs} />
      </td>
      <td className="p2">
        <Labs labs={targetLabs} slugs={slugs} />
      </td>
      <td className="p2">
        <LogLink at={base} />
      </td>
      <td className="p2">
        <LogLink at={target} />
      </td>
      <td className="p2">
        <BothLogs base={base} target={target} />
      </td>
    </tr>
  );
}

function Labs({ labs, slugs }: { labs: readonly LabResultRowFragment[]; slugs: readonly string[] }) {
  if (labs.length === 0) return null;
  return (
    <LabLetters
      labs={labs.map(({ source, result }) => ({ slug: source.slug, verdict: LAB_VERDICT[result] }))}
      all={slugs}
    />
  );
}
