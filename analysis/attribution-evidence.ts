/** The rows that speak for or against somebody, each as a colleague would say it. */
import type { Stage } from './action-stage.ts';
import type { Counts, OutcomeFacts, Versus } from './attribution-facts.ts';
import type { EvidenceKind } from './attribution-weights.ts';
import { fisherRightTail } from './fisher.ts';

export type Evidence = {
  kind: EvidenceKind;
  text: string;
  /** Units of the kind's weights: 1, or how much of it there is. */
  strength: number;
  counts: Versus | null;
  /** Of Fisher's exact test, one-sided. */
  p: number | null;
};

export type Facts = OutcomeFacts & {
  /** What failed, and the names of what may be to blame; texts use them, weights do not. */
  names: {
    subject: 'test' | 'job';
    device: string;
    /** Its own is among them where nobody may know which it is. */
    boards: 'other boards' | 'boards';
    deviceType: string;
    lab: string;
    worker: string;
    build: string;
  };
  /** How the job ended, where it did not end well. */
  end: { failureClass: string; errorType: string | null } | null;
  /** Of the first action that failed. */
  failedAction: { name: string; stage: Stage } | null;
  namesKernelFault: boolean;
  /** Jobs of other boards that ended on the worker within half an hour: of other builds or none, and of the same. */
  worker: { unrelated: Counts; sameBuild: Counts };
  /** The device was found bad within three days. */
  deviceWentBad: boolean;
};

/** Beyond it a small p says nothing more. */
const MOST = 6;
/** A difference is said to be one below, and to be none above. */
const P_WORSE = 0.05;
const P_ALIKE = 0.3;
/** Fewer runs on a side do not say that two are alike, or that a job fails as a whole. */
const FEW = 4;
/** So many labs, or runs, that agree count; more say nothing more. */
const MANY = 3;

export function gatherEvidence(facts: Facts): Evidence[] {
  return [...hardEvidence(facts), ...placeEvidence(facts), ...buildEvidence(facts), ...momentEvidence(facts)];
}

function hardEvidence({ end, failedAction, namesKernelFault }: Facts): Evidence[] {
  const rows: Evidence[] = [];
  const error = end && ERRORS[end.failureClass];
  if (error) rows.push(said(error.kind, `The job ended by ${end.errorType ?? end.failureClass}: ${error.means}.`));
  if (failedAction) {
    const { name, stage } = failedAction;
    const when = stage === 'BEFORE_KERNEL' ? 'before a kernel ran' : 'after the kernel had started';
    rows.push(said(stage, `The job failed at ${name}, ${when}.`));
  }
  if (namesKernelFault) rows.push(said('KERNEL_FAULT', 'The error names a fault of the kernel.'));
  return rows;
}

const INFRASTRUCTURE = { kind: 'ERROR_INFRASTRUCTURE', means: 'LAVA blames the lab, not what was tested' } as const;
const ERRORS: Readonly<Record<string, { kind: EvidenceKind; means: string } | undefined>> = {
  INFRASTRUCTURE,
  CONFIGURATION: { kind: 'ERROR_CONFIGURATION', means: 'LAVA blames how the lab is set up' },
  BUG: { kind: 'ERROR_LAVA', means: 'LAVA blames itself' },
  TEST: { kind: 'ERROR_TEST', means: 'LAVA blames the test' },
  JOB: { kind: 'ERROR_JOB', means: 'LAVA blames what was submitted, an image that does not boot among it' },
};

/** Device and lab, each against what it stands among. */
function placeEvidence(facts: Facts): Evidence[] {
  const { device, loneDevice, lab, names } = facts;
  const runs = names.subject === 'test' ? 'runs' : 'jobs';
  return [
    ...comparison(device, { worse: 'DEVICE_WORSE', alike: 'DEVICE_ALIKE' }, (of) => {
      return `On ${names.device} ${of.own} ${runs} fail, on its peers in ${names.lab} ${of.others}`;
    }),
    ...comparison(loneDevice, { worse: 'LONE_DEVICE_WORSE' }, (of) => {
      return `On ${names.device}, the only ${names.deviceType} in ${names.lab}, ${of.own} ${runs} fail, in other labs ${of.others}`;
    }),
    ...comparison(lab, { worse: 'LAB_WORSE', alike: 'LAB_ALIKE' }, (of) => {
      return `On ${names.boards} in ${names.lab} ${of.own} ${runs} fail, in other labs ${of.others}`;
    }),
  ];
}

/** Build and test, where they can be seen without the device and the lab. */
function buildEvidence({ build, test, lines, onBuild, names }: Facts): Evidence[] {
  const since = (where: string) => (of: Said) => {
    return `Since it began, ${of.own} runs ${where} fail, with the builds before ${of.others}`;
  };
  const alike = build.elsewhere ? 'elsewhere' : 'here';
  const kinds = (worse: EvidenceKind, at: string) =>
    at === alike ? { worse, alike: 'BUILD_ALIKE' as const } : { worse };
  const rows = [
    ...comparison([build.elsewhere], kinds('BUILD_WORSE_ELSEWHERE', 'elsewhere'), since('in other labs')),
    ...comparison([build.here], kinds('BUILD_WORSE_HERE', 'here'), since(`on ${names.boards} in ${names.lab}`)),
    ...comparison([build.onDevice], { worse: 'BUILD_WORSE_ON_DEVICE' }, since(`on ${names.device}`)),
    ...comparison([test], { worse: 'TEST_WORSE' }, (of) => {
      return `Before, and elsewhere, it failed in ${of.own} runs, the other tests of these runs ${of.others} times`;
    }),
    ...comparison(
      [lines],
      { worse: failsThroughout(lines) ? 'LINES_ALL_FAIL' : 'LINES_FAIL', alike: 'LINES_PASS' },
      (of) => {
        return `On other branches ${of.own} runs fail since then, before ${of.others}`;
      },
    ),
  ];
  const { labsPassing, labsFailing, peers, retries, types } = onBuild;
  const labs = (n: number) => (n === 1 ? 'one other lab' : `${n} other labs`);
  if (labsPassing > 0)
    rows.push(said('LABS_PASS', `${names.build} passes in ${labs(labsPassing)}.`, upTo(labsPassing)));
  if (labsFailing > 0) rows.push(said('LABS_FAIL', `${names.build} fails in ${labs(labsFailing)}.`, upTo(labsFailing)));
  const where = `${names.build} on ${names.boards} in ${names.lab}`;
  if (peers.runs > 0 && peers.failed === 0)
    rows.push(said('PEERS_PASS', `${where} passes in ${ofRuns(peers)}.`, upTo(peers.runs)));
  if (peers.runs > 0 && 2 * peers.failed >= peers.runs)
    rows.push(said('PEERS_FAIL', `${where} fails in ${ofRuns(peers)}.`, upTo(peers.failed)));
  if (peers.failed > 0 && peers.failed < peers.runs)
    rows.push(said('MIXED_ON_BUILD', `${where} fails and passes: ${ofRuns(peers)} fail.`));
  if (types.runs > 0 && types.failed === 0)
    rows.push(
      said(
        'TYPES_PASS',
        `${names.build} on other types in other labs passes: ${ofRuns(types)} fail.`,
        upTo(types.runs),
      ),
    );
  if (types.runs > 0 && 2 * types.failed >= types.runs)
    rows.push(
      said('TYPES_FAIL', `${names.build} on other types in other labs fails: ${ofRuns(types)}.`, upTo(types.failed)),
    );
  if (retries.runs > retries.failed)
    rows.push(said('RETRY_PASSES', `${names.build} on ${names.device} passes in another run.`));
  if (retries.runs > 0 && retries.failed === retries.runs)
    rows.push(said('RETRY_FAILS', `${names.build} on ${names.device} fails in every run: ${ofRuns(retries)} others.`));
  return rows;
}

/** Nearly every run, and not a share of them as a flaky test or a shared part of the code does. */
function failsThroughout(lines: Versus | null): boolean {
  return lines !== null && lines.own.runs >= FEW && lines.own.failed >= 0.8 * lines.own.runs;
}

/** What else went on when it failed. */
function momentEvidence({ restOfJob, worker, deviceWentBad, others, names }: Facts): Evidence[] {
  const rows: Evidence[] = [];
  if (restOfJob && restOfJob.runs >= FEW) {
    if (2 * restOfJob.failed >= restOfJob.runs)
      rows.push(said('REST_OF_JOB_FAILS', `${ofRuns(restOfJob)} other tests of the same run fail too.`));
    else if (3 * restOfJob.failed <= restOfJob.runs)
      rows.push(
        said(
          'REST_OF_JOB_PASSES',
          `${restOfJob.runs - restOfJob.failed} of ${restOfJob.runs} other tests of the same run pass.`,
        ),
      );
  }
  const { unrelated, sameBuild } = worker;
  const jobs = (of: Counts, what: string) =>
    `Within half an hour ${ofRuns(of)} jobs of ${what} on ${names.worker} failed.`;
  if (unrelated.runs >= 2 && unrelated.failed >= 0.8 * unrelated.runs)
    rows.push(said('WORKER_FAILS', jobs(unrelated, 'other boards and builds'), upTo(unrelated.failed)));
  if (unrelated.runs >= 2 && unrelated.failed <= 0.2 * unrelated.runs)
    rows.push(said('WORKER_FINE', jobs(unrelated, 'other boards and builds'), upTo(unrelated.runs - unrelated.failed)));
  if (sameBuild.runs > 0 && sameBuild.failed >= 0.8 * sameBuild.runs)
    rows.push(said('SAME_BUILD_FAILS', jobs(sameBuild, 'other boards and the same build'), upTo(sameBuild.failed)));
  if (sameBuild.runs > 0 && sameBuild.failed <= 0.2 * sameBuild.runs)
    rows.push(said('SAME_BUILD_FINE', jobs(sameBuild, 'other boards and the same build'), upTo(sameBuild.runs)));
  if (others.failed === 0 && others.runs >= 20)
    rows.push(said('ISOLATED', `It is the only failure in ${others.runs + 1} runs.`));
  if (deviceWentBad) rows.push(said('DEVICE_BAD', `${names.device} was set to Bad within three days.`));
  return rows;
}

function said(kind: EvidenceKind, text: string, strength = 1): Evidence {
  return { kind, text, strength, counts: null, p: null };
}

function upTo(count: number): number {
  return Math.min(MANY, count);
}

type Said = { own: string; others: string };

/** Of several spans of time the one that tells most. Worse, alike, or neither: then it says nothing. */
function comparison(
  spans: readonly (Versus | null)[],
  kinds: { worse: EvidenceKind; alike?: EvidenceKind },
  say: (of: Said) => string,
): Evidence[] {
  const [found] = spans.flatMap((counts) => (counts ? [{ counts, p: worseBy(counts) }] : [])).sort((a, b) => a.p - b.p);
  if (!found) return [];
  const { counts, p } = found;
  const { own, others } = counts;
  const when = counts.isNear ? ', in the days around it' : '';
  const text = `${say({ own: ofRuns(own), others: ofRuns(others) })}${when} (p = ${p.toPrecision(2)}).`;
  if (p < P_WORSE) return [{ kind: kinds.worse, text, strength: Math.min(MOST, -Math.log10(p)), counts, p }];
  if (!kinds.alike || p <= P_ALIKE || own.runs < FEW || others.runs < FEW) return [];
  return [{ kind: kinds.alike, text, strength: 1, counts, p }];
}

function worseBy({ own, others }: Versus): number {
  return fisherRightTail(own.failed, own.runs - own.failed, others.failed, others.runs - others.failed);
}

function ofRuns({ failed, runs }: Counts): string {
  return `${failed} of ${runs}`;
}
