import Link from 'next/link';
import type { CompareProjectsQuery } from '@/graphql/graphql.ts';
import { comparePath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age } from '@/ui/time.tsx';

type Props = { projects: CompareProjectsQuery['projects']['nodes']; labelledBy: string };

/** Where a comparison may begin: each project with its newest two builds. */
export function ProjectTable({ projects, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Project</th>
            <th scope="col">Newest build</th>
            <th scope="col" className="num">
              Seen
            </th>
          </tr>
        </thead>
        <tbody>
          {projects.map(({ slug, builds: { nodes } }) => (
            <tr key={slug}>
              <th scope="row">
                <Link href={comparePath({ project: slug })} prefetch={false} data-open>
                  {slug}
                </Link>
              </th>
              <td className="mono">{nodes[0]?.version}</td>
              <td className="num faint">{nodes[0] && <Age at={nodes[0].createdAt} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
