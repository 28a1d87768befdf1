/** What a master may say at most is kept by every engine. */
import { expect, test } from 'vitest';
import { MAX_NAME, MAX_NUMBER } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { metadataOf } from '#store/detail.ts';
import { getJob, listJobs } from '#store/job.ts';
import { listJobCases } from '#store/test-case.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const PAGE = { limit: 10, after: null, before: null, backward: false };
/** Of four bytes a letter, and escaped to even more. */
const LONG = '\u{1f9ea}'.repeat(MAX_NAME / 2);
const NULS = '\0'.repeat(MAX_NAME);

test.each([
  ['of four bytes a letter', LONG],
  ['of NULs', NULS],
])('names as long as a name may be, %s', async (_, name) => {
  const writer = await temporaryWriter();
  const record = jobOf({
    submitter: name,
    deviceType: name,
    device: name,
    metadata: { 'git-tree': name, 'git-describe': name, 'git-branch': name, [name]: name },
    plannedSuites: [name],
    tags: [name],
    description: name.repeat(40),
    multinodeGroup: name,
    role: name,
    failureComment: name,
    errorMessage: name,
  });
  const testCase = {
    externalId: MAX_NUMBER,
    name: name.repeat(40),
    set: name.repeat(40),
    setExternalId: MAX_NUMBER,
    result: 'FAIL' as const,
    measurement: null,
    unit: name,
    startLogLine: null,
    endLogLine: null,
    loggedAt: null,
    metadata: name,
  };
  const suite = { externalId: MAX_NUMBER, name: `0_${name.slice(2)}`, isSteps: false, cases: [testCase] };
  await write(writer, 'alpha', changeOf(record, [suite]));

  const job = await getJob(writer.store, ANONYMOUS, 'alpha', record.externalId);
  expect(job).toMatchObject({ submitter: name, description: name.repeat(40), role: name, tags: [name] });
  const { rows } = await listJobCases(writer.store, ANONYMOUS, job?.id ?? 0, { name: testCase.name }, PAGE);
  expect(rows).toHaveLength(1);
  const [row] = rows;
  expect(row && { ...row, unit: row.units, metadata: metadataOf(row) }).toMatchObject({
    ...testCase,
    suite: suite.name,
  });
  const found = await listJobs(writer.store, ANONYMOUS, { device: name, tags: [name], project: name }, PAGE);
  expect(found.rows).toHaveLength(1);
});

test('a tag is found whole, and only where it is one', async () => {
  const writer = await temporaryWriter();
  const odd = ['a', 'b","a', ',"a"', '["a"', 'a\\', '"', "a'b", 'é'];
  for (const [i, tag] of odd.entries()) {
    await write(writer, 'alpha', changeOf(jobOf({ externalId: String(i + 1), tags: ['x', tag, 'y'] }), []));
  }
  for (const [i, tag] of odd.entries()) {
    const { rows } = await listJobs(writer.store, ANONYMOUS, { tags: [tag] }, PAGE);
    expect(
      rows.map((row) => row.externalId),
      tag,
    ).toEqual([String(i + 1)]);
  }
});
