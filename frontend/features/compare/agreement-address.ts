import type { AgreementShow, RunVerdict } from '@/graphql/graphql.ts';
import { agreementPath } from '@/paths.ts';
import type { SearchParams } from '@/ui/filter.ts';

/** What may be shown of the tests that two labs ran at least, and how it is said. */
export const SHOWN: readonly { show: AgreementShow; key: string; title: string; none: string }[] = [
  {
    show: 'CONFLICTS',
    key: 'conflicts',
    title: 'Labs disagree',
    none: 'No test passes in one lab and fails in another.',
  },
  { show: 'CONFIRMED', key: 'confirmed', title: 'Confirmed failures', none: 'No failure is seen by that many labs.' },
  { show: 'UNCONFIRMED', key: 'unconfirmed', title: 'Need another lab', none: 'No failure waits for another lab.' },
  { show: 'AGREEING', key: 'agreeing', title: 'Labs agree', none: 'No two labs pass or fail the same test.' },
  {
    show: 'ALL',
    key: 'all',
    title: 'All shared tests',
    none: 'No test was run by two labs on the same kind of board.',
  },
];

export function shownOf(show: AgreementShow) {
  const found = SHOWN.find((one) => one.show === show);
  if (!found) throw new Error(`${show} has no words`);
  return found;
}

/** What the address of an agreement says. */
export type AgreementAsked = {
  project: string;
  /** The newest when it is not named. */
  build?: string;
  quorum: number;
  /** Only these; none for all. */
  labs: readonly string[];
  type?: string;
  /** worst or majority: what several runs of a lab come to; else the last counts. */
  verdict?: string;
  show: AgreementShow;
  after?: string;
  before?: string;
};

/** Features do not know each other: the same words as on the page of a build. */
export const RUN_VERDICTS: Readonly<Record<string, RunVerdict>> = { worst: 'WORST', majority: 'MAJORITY' };

const QUORUM = 2;
const MAX_QUORUM = 100;

export function readAgreement(params: SearchParams): AgreementAsked | null {
  const one = (key: string) => [params[key]].flat()[0] || undefined;
  const project = one('project');
  if (project === undefined) return null;
  const quorum = Number(one('quorum'));
  return {
    project,
    build: one('build'),
    quorum: Number.isInteger(quorum) && quorum >= 1 && quorum <= MAX_QUORUM ? quorum : QUORUM,
    labs: [params.lab ?? []].flat().filter((slug) => slug !== ''),
    type: one('type'),
    verdict: Object.keys(RUN_VERDICTS).find((key) => key === one('verdict')),
    show: SHOWN.find(({ key }) => key === one('show'))?.show ?? 'CONFLICTS',
    after: one('after'),
    before: one('before'),
  };
}

/** The address of the same agreement with changes; a place in the list is kept only if it is among them. */
export function agreementAddress(asked: AgreementAsked, changes: Partial<AgreementAsked> = {}): string {
  const { quorum, labs, show, ...rest } = { ...asked, after: undefined, before: undefined, ...changes };
  return agreementPath({
    ...rest,
    quorum: quorum === QUORUM ? undefined : String(quorum),
    lab: labs,
    show: show === 'CONFLICTS' ? undefined : shownOf(show).key,
  });
}
