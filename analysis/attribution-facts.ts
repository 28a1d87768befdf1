/** What the runs around a failure count up to: each of the leave-one-out comparisons leaves out what it judges. */

/** `failed` of `runs`. */
export type Counts = { failed: number; runs: number };
/** What is judged, and what it is held against; `isNear`: in the days around the failure alone. */
export type Versus = { own: Counts; others: Counts; isNear?: true };

/** One run of what failed: of the test, or of jobs of the kind. Numbers only tell things apart. */
export type Outcome = {
  failed: boolean;
  device: number | null;
  deviceType: number;
  lab: number;
  /** Null for what tests no build. */
  build: number | null;
  /** The line of builds: a branch of a project. */
  line: number | null;
  /** Seconds. */
  at: number;
  jobId: number;
  /** The other tests of the same run; null for jobs. */
  rest: Counts | null;
};

export type Subject = Pick<Outcome, 'device' | 'deviceType' | 'lab' | 'build' | 'line' | 'at' | 'jobId'>;

export type OutcomeFacts = {
  /** The device against its peers of the type in the same lab: over all runs, and over those of a day and a half around. */
  device: readonly Versus[];
  /** The same of the only device of the type in its lab, against those of other labs. */
  loneDevice: readonly Versus[];
  /** The lab without the device against other labs; of all types where it has no other board of the type. */
  lab: readonly Versus[];
  /** The builds of the line since it fails against those before: in other labs, on other devices here, on the device. */
  build: { elsewhere: Versus | null; here: Versus | null; onDevice: Versus | null };
  /** Before it began: the test against the other tests of the same runs, where neither device nor lab is the failure's. */
  test: Versus | null;
  /** On other lines, since it fails against before, where neither device nor lab is the failure's. */
  lines: Versus | null;
  onBuild: {
    /** Other labs, by what the type does there on the build itself. */
    labsPassing: number;
    labsFailing: number;
    /** Other boards of the type in the lab, other runs on the device, and other types in other labs. */
    peers: Counts;
    retries: Counts;
    types: Counts;
  };
  /** The other tests of the same run. */
  restOfJob: Counts | null;
  /** All other runs. */
  others: Counts;
};

const NEAR_SECONDS = 36 * 3_600;

export function countOutcomes(all: readonly Outcome[], subject: Subject): OutcomeFacts {
  const { device, deviceType, lab, build, line, jobId } = subject;
  const isDevice = (o: Outcome) => device !== null && o.device === device && o.lab === lab;
  const isHere = (o: Outcome) => o.lab === lab && !isDevice(o);
  const isElsewhere = (o: Outcome) => o.lab !== lab;
  const alike = all.filter((o) => o.deviceType === deviceType);
  const here = alike.filter(isHere);
  const elsewhere = alike.filter(isElsewhere);
  const own = alike.filter(isDevice);
  const ofLine = alike.filter((o) => build !== null && o.line === line && o.build !== null);
  const since = beginOf(ofLine, subject, isDevice);
  const isBefore = (o: Outcome) => o.at < since.at && !since.builds.has(o.build);
  const split = (some: readonly Outcome[]): Versus | null => {
    const ofBuilds = some.filter((o) => o.line === line && o.build !== null);
    return versus(
      ofBuilds.filter((o) => since.builds.has(o.build)),
      ofBuilds.filter(isBefore),
    );
  };
  const windows = (some: readonly Outcome[], others: readonly Outcome[]): Versus[] => {
    const near = (of: readonly Outcome[]) => of.filter((o) => Math.abs(o.at - subject.at) <= NEAR_SECONDS);
    const lately = versus(near(some), near(others));
    return [versus(some, others), lately && { ...lately, isNear: true as const }].filter((found) => found !== null);
  };
  const outside = all.some(isElsewhere) ? all.filter(isElsewhere) : all.filter(isHere);
  const before = outside.filter(isBefore);
  const otherLines = outside.filter((o) => o.line !== line);
  const onBuild = all.filter((o) => build !== null && o.build === build && o.jobId !== jobId);
  const ofType = onBuild.filter((o) => o.deviceType === deviceType);
  const labs = [...Map.groupBy(ofType.filter(isElsewhere), (o) => o.lab).values()].map(count);
  return {
    device: device === null ? [] : windows(own, here),
    loneDevice: here.length === 0 ? windows(own, elsewhere) : [],
    lab: here.length > 0 ? windows(here, elsewhere) : windows(all.filter(isHere), all.filter(isElsewhere)),
    build: { elsewhere: split(elsewhere), here: split(here), onDevice: split(own) },
    test: before.some(({ rest }) => rest !== null) ? { own: count(before), others: restOf(before) } : null,
    lines:
      build === null
        ? null
        : versus(
            otherLines.filter((o) => o.at >= since.at),
            otherLines.filter((o) => o.at < since.at),
          ),
    onBuild: {
      labsPassing: labs.filter(({ failed }) => failed === 0).length,
      labsFailing: labs.filter(({ failed, runs }) => 2 * failed >= runs).length,
      peers: count(ofType.filter(isHere)),
      retries: count(ofType.filter(isDevice)),
      types: count(onBuild.filter((o) => isElsewhere(o) && o.deviceType !== deviceType)),
    },
    restOfJob: all.find((o) => o.jobId === jobId)?.rest ?? null,
    others: count(all.filter((o) => o.jobId !== jobId)),
  };
}

function count(some: readonly Outcome[]): Counts {
  return { failed: some.reduce((n, o) => n + (o.failed ? 1 : 0), 0), runs: some.length };
}

function restOf(some: readonly Outcome[]): Counts {
  return some.reduce(
    (sum, { rest }) => ({ failed: sum.failed + (rest?.failed ?? 0), runs: sum.runs + (rest?.runs ?? 0) }),
    { failed: 0, runs: 0 },
  );
}

/** Null when there is nothing on a side. */
function versus(own: readonly Outcome[], others: readonly Outcome[]): Versus | null {
  return own.length === 0 || others.length === 0 ? null : { own: count(own), others: count(others) };
}

/**
 * Since when it fails: the build, and those straight before it in which at least half of the runs failed. The device is
 * left out where others ran the line, so that a board of its own cannot move the beginning.
 */
function beginOf(
  ofLine: readonly Outcome[],
  { build, at }: Subject,
  isDevice: (o: Outcome) => boolean,
): { builds: ReadonlySet<number | null>; at: number } {
  const others = ofLine.filter((o) => !isDevice(o));
  const byBuild = [...Map.groupBy(ofLine, (o) => o.build)].map(([id, runs]) => ({
    id,
    at: runs.reduce((first, o) => Math.min(first, o.at), Number.POSITIVE_INFINITY),
    counts: count(others.length > 0 ? runs.filter((o) => !isDevice(o)) : runs),
  }));
  // Builds of the same second: by what they count, never by number; the failure's own is the last.
  byBuild.sort(
    (a, b) =>
      a.at - b.at ||
      Number(a.id === build) - Number(b.id === build) ||
      a.counts.failed - b.counts.failed ||
      a.counts.runs - b.counts.runs,
  );
  const last = byBuild.findIndex(({ id }) => id === build);
  const found = { builds: new Set([build]), at: byBuild[last]?.at ?? at };
  for (let i = last - 1; i >= 0; i--) {
    const before = byBuild[i];
    if (!before || before.counts.runs === 0 || 2 * before.counts.failed < before.counts.runs) break;
    found.builds.add(before.id);
    found.at = before.at;
  }
  return found;
}
