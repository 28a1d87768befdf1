import type { NamesPageQuery } from '@/graphql/graphql.ts';
import { namesPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age } from '@/ui/time.tsx';

type Given = NonNullable<NamesPageQuery['nameAliases']>['given'];

const KINDS = { DEVICE_TYPE: 'device type', SUBMITTER: 'submitter' } as const;

/** What is called otherwise here, and the way back. */
export function AliasTable({ given, labelledBy }: { given: Given; labelledBy: string }) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Here</th>
            <th scope="col">There</th>
            <th scope="col">Lab</th>
            <th scope="col" className="p2">
              What
            </th>
            <th scope="col" className="p2">
              By
            </th>
            <th scope="col">
              <span className="sr">Take back</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {given.map(({ kind, source, name, alias, at, login }) => (
            <tr key={JSON.stringify([kind, source, name])}>
              <th scope="row" className="mono wrap">
                {alias}
              </th>
              <td className="mono wrap">{name}</td>
              <td>{source ?? 'all'}</td>
              <td className="p2">{KINDS[kind]}</td>
              <td className="p2">
                {login}, <Age at={at} suffix=" ago" />
              </td>
              <td>
                <form method="post" action={`${namesPath()}/save`}>
                  <input type="hidden" name="kind" value={kind} />
                  <input type="hidden" name="lab" value={source ?? ''} />
                  <input type="hidden" name="name" value={name} />
                  <button className="btn ghost" type="submit" name="act" value="remove">
                    Take back<span className="sr"> {name}</span>
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
