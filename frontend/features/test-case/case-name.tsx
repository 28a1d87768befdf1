import { comparableSuite, STEPS } from '@/lava.ts';
import { testPath } from '@/paths.ts';

type Props = { project: string | null; suite: string; set: string | null; name: string };

/** The name of a case; of a test of a project it leads to its history. The master's own steps have none. */
export function CaseName({ project, suite, set, name }: Props) {
  const words = (
    <>
      {set && <span className="faint">{set}/</span>}
      {name}
    </>
  );
  if (project === null || suite === STEPS) return words;
  return <a href={testPath(project, comparableSuite(suite), name, { set: set ?? undefined })}>{words}</a>;
}
