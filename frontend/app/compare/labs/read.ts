import { cache } from 'react';
import { ask, askAt } from '@/api-client.ts';
import { agreementAddress, RUN_VERDICTS, readAgreement } from '@/features/compare/agreement-address.ts';
import { AgreementBuildDocument, AgreementPageDocument, type AgreementPageQueryVariables } from '@/graphql/graphql.ts';
import type { SearchParams } from '@/ui/filter.ts';

const ROWS = 50;
/** Results on a page, each with its log. */
const RESULTS = 300;

/** The agreement on the build that an address names, or on the newest; null when it names no project. */
export const readLabs = cache(async (query: string) => {
  const params: SearchParams = JSON.parse(query);
  const given = readAgreement(params);
  if (!given) return null;
  const { project } = given;
  const named = given.build !== undefined;
  const found = await ask(AgreementBuildDocument, { project, version: given.build ?? '', named });
  const build = (named ? found.build : found.project?.newest.nodes[0]) ?? null;
  const asked = { ...given, build: given.build ?? build?.version };
  if (!build) return { asked, found, build, agreement: null, variables: null };
  const rows = Math.min(ROWS, Math.floor(RESULTS / Math.max(1, build.sources.length)));
  const variables: AgreementPageQueryVariables = {
    project,
    version: build.version,
    branch: build.branch,
    quorum: asked.quorum,
    show: asked.show,
    verdict: RUN_VERDICTS[asked.verdict ?? ''],
    scope: {
      sources: asked.labs.length > 0 ? [...asked.labs] : undefined,
      deviceTypes: asked.type === undefined ? undefined : [asked.type],
    },
    ...(asked.before ? { last: rows, before: asked.before } : { first: rows, after: asked.after }),
  };
  const isPlaced = Boolean(asked.after || asked.before);
  const data = await askAt(AgreementPageDocument, variables, { isPlaced, start: agreementAddress(asked) });
  return { asked, found, build, agreement: data.labAgreement, variables };
});
