/** What the runs around a failure count up to: each of the leave-one-out comparisons leaves out what it judges. */

/** `failed` of `runs`. */
export type Counts = { failed: number; runs: number };
/** What is judged, and what it is held against. */
export type Versus = { own: Counts; others: Counts };

/** One run of what failed: of the test, or of jobs of the kind. Numbers only tell things apart. */
export type Outcome = {
  failed: boolean;
  device: number | null;
  lab: number;
  /** Null for what tests no build. */
  build: number | null;
  /** The line of builds: a branch of a project. */
  line: number | null;
  at: number;
  jobId: number;
  /** The other tests of the same run; null for jobs. */
  rest: Counts | null;
};

export type Subject = Pick<Outcome, 'device' | 'lab' | 'build' | 'line' | 'at' | 'jobId'>;

export type OutcomeFacts = {
  /** The device against its peers of the type in the same lab. */
  device: Versus | null;
  /** The only device of the type in its lab against all other labs. */
  loneDevice: Versus | null;
  /** The lab, without the device, against other labs. */
  lab: Versus | null;
  /** The builds of the line since it fails against those before: in other labs, on other devices here, on the device. */
  build: { elsewhere: Versus | null; here: Versus | null; onDevice: Versus | null };
  /** Before it began: the test against the other tests of the same runs, where neither device nor lab is the failure's. */
  test: Versus | null;
  /** On other lines, since it fails against before, on other devices. */
  lines: Versus | null;
  /** On the build itself: labs that pass and fail, other devices here, and other runs on the device. */
  onBuild: { labsPassing: number; labsFailing: number; peers: Counts; retries: Counts };
  /** The other tests of the same run. */
  restOfJob: Counts | null;
};

export function countOutcomes(all: readonly Outcome[], subject: Subject): OutcomeFacts {
  const { device, lab, build, line, jobId } = subject;
  const isDevice = (o: Outcome) => device !== null && o.device === device && o.lab === lab;
  const here = all.filter((o) => o.lab === lab && !isDevice(o));
  const elsewhere = all.filter((o) => o.lab !== lab);
  const own = all.filter(isDevice);
  const ofLine = all.filter((o) => build !== null && o.line === line && o.build !== null);
  const since = beginOf(ofLine, subject, isDevice);
  const split = (some: readonly Outcome[]): Versus | null =>
    versus(
      some.filter((o) => o.line === line && since.builds.has(o.build)),
      some.filter((o) => o.line === line && o.build !== null && o.at < since.at && !since.builds.has(o.build)),
    );
  const outside = (elsewhere.length > 0 ? elsewhere : here).filter(
    (o) => o.at < since.at && !since.builds.has(o.build),
  );
  const otherLines = [...here, ...elsewhere].filter((o) => o.line !== line);
  const onBuild = all.filter((o) => build !== null && o.build === build && o.jobId !== jobId);
  const labs = [
    ...Map.groupBy(
      onBuild.filter((o) => o.lab !== lab),
      (o) => o.lab,
    ).values(),
  ].map(count);
  return {
    device: device === null ? null : versus(own, here),
    loneDevice: here.length === 0 ? versus(own, elsewhere) : null,
    lab: versus(here, elsewhere),
    build: { elsewhere: split(elsewhere), here: split(here), onDevice: split(own) },
    test: outside.some(({ rest }) => rest !== null) ? { own: count(outside), others: restOf(outside) } : null,
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
      peers: count(onBuild.filter((o) => o.lab === lab && !isDevice(o))),
      retries: count(onBuild.filter(isDevice)),
    },
    restOfJob: all.find((o) => o.jobId === jobId)?.rest ?? null,
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
  byBuild.sort((a, b) => a.at - b.at || (a.id ?? 0) - (b.id ?? 0));
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
