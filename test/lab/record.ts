/**
 * Records running masters for the demo and the tests: node test/lab/record.ts lab.json [folder]. GET only; what the
 * reader's token sees, and which of it a visitor sees.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawRecord } from '#adapters/lava/raw-record.ts';
import { type Recording, writeRecording } from '#cli/demo/recording.ts';

type Master = { name: string; url: string; users: Record<string, { token: string }> };

const [labPath, folder = join(import.meta.dirname, '../../cli/demo/recordings')] = process.argv.slice(2);
if (!labPath) throw new Error('usage: node test/lab/record.ts LAB_JSON [FOLDER]');
const lab = JSON.parse(readFileSync(labPath, 'utf8')) as { masters: Master[] };

async function ask(master: Master, path: string, token: string | null): Promise<{ status: number; body: Buffer }> {
  const response = await fetch(`${master.url}api/v0.2/${path}`, {
    headers: { accept: 'application/json', ...(token ? { authorization: `Token ${token}` } : {}) },
    redirect: 'error',
  });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

/** The raw rows of a whole list. */
async function rows(master: Master, path: string, token: string | null): Promise<string[]> {
  const { status, body } = await ask(master, `${path}${path.includes('?') ? '&' : '?'}limit=100000`, token);
  if (status === 403) return [];
  if (status !== 200) throw new Error(`${master.name}: HTTP ${status} at ${path}`);
  const text = body.toString('utf8');
  const { count } = JSON.parse(text) as { count: number };
  return Array.from({ length: count }, (_, i) => rawRecord(text, i));
}

const field = (row: string, name: string) => (JSON.parse(row) as Record<string, unknown>)[name];

async function record(master: Master): Promise<{ recording: Recording; counts: object }> {
  const token = master.users['sync-reader']?.token ?? null;
  const system = async (name: string) => (await ask(master, `system/${name}/`, token)).body.toString('utf8');
  const jobs = await rows(master, 'jobs/?ordering=id', token);
  const recording: Recording = {
    name: master.name,
    recordedAt: new Date().toISOString(),
    system: {
      version: await system('version'),
      whoami: await system('whoami'),
      master_config: await system('master_config'),
    },
    lists: {
      workers: await rows(master, 'workers/?ordering=hostname', token),
      devices: await rows(master, 'devices/?all=true&ordering=hostname', token),
      devicetypes: await rows(master, 'devicetypes/?ordering=name', token),
      aliases: await rows(master, 'aliases/?ordering=name', token),
      tags: await rows(master, 'tags/?ordering=id', token),
      jobs,
    },
    anonymous: {
      devices: (await rows(master, 'devices/?all=true&ordering=hostname', null)).map((row) =>
        String(field(row, 'hostname')),
      ),
      devicetypes: (await rows(master, 'devicetypes/?ordering=name', null)).map((row) => String(field(row, 'name'))),
      jobs: (await rows(master, 'jobs/?ordering=id', null)).map((row) => Number(field(row, 'id'))),
    },
    suites: {},
    tests: {},
    logs: {},
  };
  const counts = {
    jobs: jobs.length,
    publicJobs: recording.anonymous.jobs.length,
    suites: 0,
    cases: 0,
    logs: 0,
    logLines: 0,
  };
  for (const job of jobs) {
    const id = String(field(job, 'id'));
    const suites = await rows(master, `jobs/${id}/suites/?ordering=id`, token);
    const tests = await rows(master, `jobs/${id}/tests/?ordering=id`, token);
    const log = await ask(master, `jobs/${id}/logs/`, token);
    recording.suites[id] = suites;
    recording.tests[id] = tests;
    recording.logs[id] = log.status === 200 ? log.body.toString('latin1') : null;
    if (field(job, 'state') !== 'Finished') continue;
    counts.suites += suites.length;
    counts.cases += tests.length;
    if (log.status === 200 && log.body.length > 0) {
      counts.logs += 1;
      counts.logLines += log.body.filter((byte) => byte === 10).length + (log.body.at(-1) === 10 ? 0 : 1);
    }
  }
  return { recording, counts };
}

const index: Record<string, object> = {};
for (const master of lab.masters) {
  const { recording, counts } = await record(master);
  const bytes = writeRecording(join(folder, `${master.name}.zst`), recording);
  index[master.name] = { recordedAt: recording.recordedAt, bytes, ...counts };
  process.stdout.write(`${master.name}: ${JSON.stringify(index[master.name])}\n`);
}
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
