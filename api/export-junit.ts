/**
 * Results as JUnit XML, for CI that reads nothing else: a suite for each suite of each job. Valid against the schema of
 * Ant (JUnit.xsd of Windy Road) and the one of Jenkins (junit-10.xsd).
 */
import { metadataOf } from '#store/detail.ts';
import type { NamedJob } from '#store/job-head.ts';
import { splitSuiteName } from '#store/suite-run.ts';
import type { TestCaseRow } from '#store/test-case.ts';
import { endText, type Writer } from './export-summary.ts';
import { jobAddress } from './page-address.ts';
import { toInstant } from './scalars.ts';
import { xmlAttributes, xmlComment, xmlText } from './xml.ts';

/** A suite says ahead how many cases it has: of a longer one, so many are held and the rest goes on in another of its name. */
export const HELD_CASES = 10_000;
/** LAVA's own account of the job. */
const STEPS = 'lava';

export type JunitOptions = {
  withMetadata: boolean;
  /** Before addresses of pages. */
  origin: string;
  /** Whether a job that ended incomplete is told, as an error of a suite "job". */
  tellsJobs: boolean;
};

type Suite = {
  of: string;
  name: string;
  cases: string;
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
};

export function junit({ withMetadata, origin, tellsJobs }: JunitOptions): Writer<string> {
  let job: NamedJob | null = null;
  let suite: Suite | null = null;
  let written = 0;

  const close = (): string => {
    if (!job || !suite) return '';
    const { name, cases, tests, failures, errors, skipped } = suite;
    const { slug, externalId, submitAt, device } = job;
    const attributes = xmlAttributes({
      ...{ name: `${slug}/${externalId}/${name}`, package: `${slug}/${externalId}`, id: written },
      ...{ timestamp: toInstant(submitAt).slice(0, 19), hostname: device ?? 'localhost' },
      ...{ tests, failures, errors, skipped, time: 0 },
    });
    written += 1;
    suite = null;
    return `<testsuite${attributes}>\n${propertiesOf(job, origin)}${cases}<system-out/><system-err/>\n</testsuite>\n`;
  };
  const open = (of: string, name: string) => {
    suite = { of, name, cases: '', tests: 0, failures: 0, errors: 0, skipped: 0 };
    return suite;
  };
  const endOfJob = (): string => {
    let text = close();
    if (!job || !tellsJobs || job.health !== 'INCOMPLETE') return text;
    const into = open('', 'job');
    const { slug, externalId, failureClass } = job;
    const message = `${slug} ${externalId} ended incomplete: ${failureClass}`;
    add(into, {
      suite: 'job',
      name: 'job',
      job,
      outcome: 'error',
      type: failureClass,
      message,
      body: address(job, null),
    });
    text += close();
    return text;
  };
  const address = (of: NamedJob, line: number | null) => `${origin}${jobAddress(of.slug, of.externalId, line)}`;

  return {
    head: '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n',
    lines(of, rows) {
      let text = '';
      if (job?.id !== of.id) {
        text += endOfJob();
        job = of;
      }
      for (const row of rows) {
        const key = `${row.ord}`;
        if (suite && (suite.of !== key || suite.tests === HELD_CASES)) text += close();
        const outcome = outcomeOf(of, row);
        const log = address(of, row.startLogLine);
        const metadata = withMetadata ? metadataOf(row) : null;
        add(suite ?? open(key, row.suite), {
          ...{ suite: row.suite, name: nameOf(row), job: of, outcome, type: typeOf(of, row) },
          message: messageOf(of, row),
          body: metadata === null ? log : `${log}\n${metadata}`,
        });
      }
      return text;
    },
    end: (summary) => `${endOfJob()}${xmlComment(endText(summary))}\n</testsuites>\n`,
  };
}

type Outcome = 'pass' | 'failure' | 'error' | 'skipped';
type Case = {
  suite: string;
  name: string;
  job: NamedJob;
  outcome: Outcome;
  type: string;
  message: string;
  body: string;
};

function add(suite: Suite, { suite: of, name, job, outcome, type, message, body }: Case): void {
  const classname = `${job.deviceType ?? 'none'}.${splitSuiteName(of).name}`;
  const start = `<testcase${xmlAttributes({ name, classname, time: 0 })}`;
  suite.tests += 1;
  if (outcome === 'failure') suite.failures += 1;
  if (outcome === 'error') suite.errors += 1;
  if (outcome === 'skipped') suite.skipped += 1;
  if (outcome === 'pass') suite.cases += `${start}/>\n`;
  else if (outcome === 'skipped') suite.cases += `${start}><skipped${xmlAttributes({ message })}/></testcase>\n`;
  else
    suite.cases += `${start}><${outcome}${xmlAttributes({ message, type })}>${xmlText(body)}</${outcome}></testcase>\n`;
}

/** What fails of a job that the lab broke, and a step of the master's that fails, say nothing of what was tested. */
function outcomeOf({ failureClass }: NamedJob, { result, suite }: TestCaseRow): Outcome {
  if (result === 'PASS') return 'pass';
  if (result !== 'FAIL') return 'skipped';
  return failureClass === 'INFRASTRUCTURE' || suite === STEPS ? 'error' : 'failure';
}

function typeOf({ failureClass }: NamedJob, { suite }: TestCaseRow): string {
  return failureClass === 'INFRASTRUCTURE' || suite === STEPS ? failureClass : 'FAIL';
}

function messageOf(job: NamedJob, row: TestCaseRow): string {
  const where = `on ${job.device ?? job.deviceType ?? 'no device'}, ${job.slug} ${job.externalId}`;
  const measured = row.measurement === null ? '' : `, ${row.measurement}${row.units ? ` ${row.units}` : ''}`;
  return `${nameOf(row)}: ${row.result}${measured} ${where}`;
}

/** A set is part of the name; a name that comes again is told apart. */
function nameOf({ set, name, occurrence }: TestCaseRow): string {
  return `${set === null ? '' : `${set}/`}${name}${occurrence > 0 ? ` (${occurrence + 1})` : ''}`;
}

function propertiesOf(job: NamedJob, origin: string): string {
  const { slug, externalId, health, failureClass, deviceType, device, project, build } = job;
  const url = `${origin}${jobAddress(slug, externalId, null)}`;
  const known = { source: slug, job: externalId, url, health, failureClass, deviceType, device, project, build };
  const properties = Object.entries(known).flatMap(([name, value]) =>
    value === null ? [] : [`<property${xmlAttributes({ name, value })}/>`],
  );
  return `<properties>${properties.join('')}</properties>\n`;
}
