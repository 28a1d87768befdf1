/** Rows as real masters of three versions wrote them, through the schema and the map. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  jobError,
  toCaseRecord,
  toDeviceRecord,
  toDeviceTypeRecord,
  toJobRecord,
  toWorkerRecord,
} from '#adapters/lava/map.ts';
import { CaseRow, DeviceRow, DeviceTypeRow, Envelope, JobRow, SuiteRow, WorkerRow } from '#adapters/lava/schema.ts';
import { CaseRecord, DeviceRecord, DeviceTypeRecord, JobRecord, WorkerRecord } from '#schema/records.ts';

const Recorded = z.record(z.string(), z.object({ status: z.int(), body: z.unknown() }));
const recorded = (version: string) =>
  Recorded.parse(JSON.parse(readFileSync(new URL(`fixtures/lava-${version}.json`, import.meta.url), 'utf8')));
const around = { base: 'http://master/', tagName: String, seesDeviceType: () => true, seesDevice: () => true };

test.each(['2023.01', '2026.07'])('every record of %s is understood', (version) => {
  const answers = recorded(version);
  const rows = (name: string) => Envelope.parse(answers[name]?.body).results;
  for (const row of rows('jobs')) {
    const { job, notes } = toJobRecord(JobRow.parse(row), around);
    expect(notes).toEqual([]);
    expect(JobRecord.parse(job)).toEqual(job);
    expect(Object.keys(job.metadata).length).toBeGreaterThan(0);
  }
  expect(rows('suites').map((row) => SuiteRow.parse(row).name)).toContain('lava');
  for (const row of rows('tests')) {
    const { record, notes } = toCaseRecord(CaseRow.parse(row), '1');
    expect(notes).toEqual([]);
    expect(CaseRecord.parse(record)).toEqual(record);
  }
  for (const row of rows('devices'))
    expect(DeviceRecord.safeParse(toDeviceRecord(DeviceRow.parse(row), around)).success).toBe(true);
  for (const row of rows('workers'))
    expect(WorkerRecord.safeParse(toWorkerRecord(WorkerRow.parse(row))).success).toBe(true);
  for (const row of rows('deviceTypes'))
    expect(DeviceTypeRecord.safeParse(toDeviceTypeRecord(DeviceTypeRow.parse(row), [])).success).toBe(true);
});

test.each(['2023.01', '2026.07', 'main'])('L-55, T-17: a multinode job of %s knows its group and role', (version) => {
  const { job } = toJobRecord(JobRow.parse(recorded(version).multinode?.body), around);
  expect(job.multinodeGroup).toMatch(/^[0-9a-f-]{36}$/);
  expect(job.role).toMatch(/^(client|server)$/);
  expect(job.plannedSuites).toContain('smoke');
});

test('a job is field for field what the master said', () => {
  const { job } = toJobRecord(JobRow.parse(recorded('2023.01').incomplete?.body), around);
  expect(job).toMatchObject({
    externalId: '393',
    url: 'http://master/scheduler/job/393',
    state: 'FINISHED',
    health: 'INCOMPLETE',
    description: 'linux-next next-20260508 bcm2711-rpi-4-b multi_v7_defconfig boot',
    submitter: 'kernelci-bot',
    priority: 0,
    healthCheck: false,
    deviceType: 'bcm2711-rpi-4-b',
    device: 'gamma-rpi4-02',
    submitAt: 1_780_264_545_861_662,
    startAt: 1_780_264_549_519_912,
    endAt: 1_780_264_634_938_252,
    failureComment: 'bootloader-interrupt timed out after 600 seconds',
  });
});

test('a case is field for field what the master said', () => {
  const [row] = Envelope.parse(recorded('2023.01').tests?.body).results;
  expect(toCaseRecord(CaseRow.parse(row), '386').record).toEqual({
    externalId: 29772,
    name: 'lat_syscall_null',
    set: null,
    setExternalId: null,
    result: 'PASS',
    measurement: '47.9811000000',
    unit: 'us',
    startLogLine: 171,
    endLogLine: 171,
    loggedAt: 1_780_247_028_789_998,
    metadata: 'case: lat_syscall_null\ndefinition: 2_lmbench\nmeasurement: 47.9811\nresult: pass\nunits: us\n',
  });
});

const caseRow = (more: object) =>
  toCaseRecord(CaseRow.parse({ id: 1, name: 'job', result: 'fail', suite: 1, ...more }), '1').record;

test('L-23: the old name of the unit is understood', () => {
  expect(caseRow({ units: 'MB/s' }).unit).toBe('MB/s');
  expect([caseRow({ unit: '' }).unit, caseRow({ unit: null }).unit]).toEqual(['', null]);
});

test('L-39: the name of a set comes from the metadata of its cases', () => {
  expect(caseRow({ test_set: 4, metadata: 'case: x\nset: math-float\n' }).set).toBe('math-float');
  expect(caseRow({ test_set: 4, metadata: "set: '12'\ncase: x\n" }).set).toBe('12');
  expect(caseRow({ test_set: 4, metadata: 'extra: |\n  set: no\n' })).toMatchObject({ set: null, setExternalId: 4 });
  expect(caseRow({ metadata: 'set: ghost\n' }).set).toBeNull();
});

test('whose fault it was is read off the last failed step "job"', () => {
  const metadata = "case: job\nerror_msg: 'bootloader: timed out'\nerror_type: Infrastructure\nresult: fail\n";
  expect(jobError([caseRow({ metadata })])).toEqual({
    errorType: 'Infrastructure',
    errorMessage: 'bootloader: timed out',
  });
  expect(jobError([caseRow({ metadata, result: 'pass' })])).toEqual({ errorType: null, errorMessage: null });
  expect(jobError([caseRow({ metadata: '{broken: [' })])).toEqual({ errorType: null, errorMessage: null });
});
