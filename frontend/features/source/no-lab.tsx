import Link from 'next/link';
import type { FreshnessFragment } from '@/graphql/graphql.ts';
import { NEW_LAB, signInPath } from '@/paths.ts';
import { Empty } from '@/ui/empty.tsx';

/** Nothing is read yet, or nothing that the viewer may see: what to do next. */
export function NoLab({ viewer, meta }: Pick<FreshnessFragment, 'viewer' | 'meta'>) {
  if (viewer.scopes.includes('write:sources')) {
    return (
      <Empty
        title="No lab is connected"
        action={
          <Link className="btn primary" href={NEW_LAB} prefetch={false}>
            Add a master
          </Link>
        }
      >
        Its address is enough, and a token where visitors do not see all of it. The first jobs are here within a minute.
      </Empty>
    );
  }
  if (viewer.isAnonymous && meta.canSignIn) {
    return (
      <Empty
        title="No lab is connected, or none that visitors may see"
        action={
          <Link className="btn primary" href={signInPath(NEW_LAB)} prefetch={false}>
            Sign in and add a master
          </Link>
        }
      >
        A token of an admin is needed. Where basalt.yaml names none, Basalt printed a setup token at its first start; it
        lies in the file setup-token of its data folder.
      </Empty>
    );
  }
  return (
    <Empty title="No lab is connected, or none that you may see">
      An admin of this Basalt adds a master here, or names it under “sources” in basalt.yaml.
    </Empty>
  );
}
