import { CULPRITS, type Weights } from '#analysis/attribution-weights.ts';
import type { AttributionRow } from '#store/attribution.ts';
import { evidencePath } from './evidence-path.ts';
import type { Resolvers } from './graphql/types.ts';
import { required } from './required.ts';

export type EvidenceParent = AttributionRow['evidence'][number] & { of: AttributionRow };

const values = (of: Weights) => CULPRITS.map((culprit) => ({ culprit, value: of[culprit] }));

export const attribution: Pick<
  Resolvers,
  'Attribution' | 'Evidence' | 'TestCase' | 'FailingTest' | 'Regression' | 'Job'
> = {
  Attribution: {
    job: async ({ job }, _, { loaders }) => required(await loaders.job.load(job.id), 'job'),
    culprit: ({ culprit }) => culprit ?? 'UNKNOWN',
    probabilities: ({ probabilities }) => values(probabilities),
    evidence: (of) => of.evidence.map((row) => ({ ...row, of })),
  },
  Evidence: {
    weight: ({ weights, of }) => weights[of.mostLikely],
    weights: ({ weights }) => values(weights),
    pValue: ({ p }) => p,
    counts: ({ counts }) =>
      counts && { ...counts.own, othersFailed: counts.others.failed, othersRuns: counts.others.runs },
    url: (row) => evidencePath(row, row.of),
  },
  TestCase: {
    async attribution({ result, jobId, ord, position }, _, { loaders }) {
      const caseId = result === 'FAIL' ? await loaders.caseIdAt.load({ jobId, ord, position }) : null;
      return caseId === null ? null : loaders.attribution.load({ jobId, caseId });
    },
  },
  FailingTest: {
    async attribution({ caseId, labs }, _, { loaders }) {
      const failing = labs.filter(({ result }) => result === 'FAIL');
      const jobs = await Promise.all(failing.map(({ jobId }) => loaders.job.load(jobId)));
      const newest = jobs
        .filter((job) => job !== undefined)
        .toSorted((a, b) => b.submitAt - a.submitAt || (a.slug < b.slug ? -1 : 1))[0];
      return newest ? loaders.attribution.load({ jobId: newest.id, caseId }) : null;
    },
  },
  Regression: {
    attribution: ({ failingJobId, caseId }, _, { loaders }) =>
      loaders.attribution.load({ jobId: failingJobId, caseId }),
  },
  Job: {
    attribution: ({ id, state, health }, _, { loaders }) =>
      state === 'FINISHED' && health === 'INCOMPLETE' ? loaders.attribution.load({ jobId: id, caseId: null }) : null,
  },
};
