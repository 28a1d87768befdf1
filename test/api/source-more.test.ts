/** The rarer settings of a source that was added: kept, given back to admins alone, and said by field where they are wrong. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callbackPlace, listAddedSources } from '#store/added-source.ts';
import { createVault } from '#store/vault.ts';
import { startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const CA = readFileSync(join(import.meta.dirname, '../adapters/fixtures/tls/ca.pem'), 'utf8').trim();
const SECRET = 'callback-0123456789';
const key = Buffer.alloc(32, 7).toString('base64');
const MORE = {
  ca: CA,
  callbackToken: SECRET,
  retention: { logs: 90, results: 365, detail: null },
  history: 'OLDEST',
  budget: {
    megabytesPerHour: 500,
    quietHours: { from: '22:00', to: '06:00', timeZone: 'Europe/London', days: ['mon', 'fri'] },
  },
};
const SETTINGS =
  'retention { logs detail results } addedSettings { ca takesCallbacks history megabytesPerHour quietHours { from to timeZone days } }';

type Payload = {
  source: object | null;
  userErrors: { code: string; field: string | null; message: string }[];
};

async function world() {
  const server = await startServer({ sources: [], access, vault: { key, file: null } });
  const mutate = async (name: 'addSource' | 'updateSource', input: object) => {
    const type = name === 'addSource' ? 'AddSourceInput!' : 'UpdateSourceInput!';
    const query = `mutation ($input: ${type}) { ${name}(input: $input) { source { ${SETTINGS} } userErrors { code field message } } }`;
    const all = await server.data<Record<string, Payload>>(query, { variables: { input }, token: 'root-token' });
    return all[name];
  };
  const add = (more: object) => mutate('addSource', { slug: 'lab', url: 'https://lab.example/', ...more });
  const seen = async (token: string) =>
    (await server.data<{ source: object }>(`{ source(slug: "lab") { ${SETTINGS} } }`, { token })).source;
  return { server, mutate, add, seen };
}

const KEPT = {
  retention: { logs: 90, detail: null, results: 365 },
  addedSettings: {
    ...{ ca: CA, takesCallbacks: true, history: 'OLDEST', megabytesPerHour: 500 },
    quietHours: MORE.budget.quietHours,
  },
};

test('what is said is kept; an admin sees it, others do not, and the token of callbacks nobody', async () => {
  const { server, add, seen } = await world();
  expect(await add(MORE)).toEqual({ source: KEPT, userErrors: [] });
  expect(await seen('root-token')).toEqual(KEPT);
  expect(await seen('ann-token')).toEqual({ retention: KEPT.retention, addedSettings: null });
  const [kept] = await listAddedSources(server.store);
  expect(JSON.stringify(await server.store.sql.all('SELECT * FROM added_source'))).not.toContain(SECRET);
  expect(Buffer.from(kept?.callbackToken ?? []).includes(SECRET)).toBe(false);
  const vault = createVault({ key, file: null });
  const place = { slug: 'lab', url: 'https://lab.example/' };
  expect(vault.open(kept?.callbackToken ?? new Uint8Array(), callbackPlace(place))).toBe(SECRET);
});

test('a change leaves what it does not name, and takes away what it names as nothing', async () => {
  const { add, mutate } = await world();
  await add(MORE);
  expect(await mutate('updateSource', { slug: 'lab', name: 'Lab', callbackToken: null })).toMatchObject({
    source: KEPT,
    userErrors: [],
  });
  const nothing = { ca: null, callbackToken: '', retention: null, history: 'NEWEST' };
  const emptied = { ...nothing, budget: { megabytesPerHour: null, quietHours: null } };
  expect(await mutate('updateSource', { slug: 'lab', ...emptied })).toEqual({
    source: {
      retention: { logs: null, detail: null, results: null },
      addedSettings: { ca: null, takesCallbacks: false, history: 'NEWEST', megabytesPerHour: null, quietHours: null },
    },
    userErrors: [],
  });
});

const NIGHT = { from: '22:00', to: '06:00' };

test.each<[field: string, message: RegExp, more: object]>([
  ['ca', /^This is no certificate in PEM/, { ca: 'rubbish' }],
  ['ca', /^This is no certificate in PEM/, { ca: `${CA}\n${CA.replace('MIIB', 'AAAA')}` }],
  ['callbackToken', /at least 16 characters/, { callbackToken: 'short' }],
  ['callbackToken', /no spaces/, { callbackToken: 'with a space in its midst' }],
  ['retention.logs', /^Write whole days, 1 or more/, { retention: { logs: 0 } }],
  ['retention.logs', /^90 days are more than the 30 of results/, { retention: { logs: 90, results: 30 } }],
  ['budget.megabytesPerHour', /^Write 1 to 1,000,000 megabytes\.$/, { budget: { megabytesPerHour: 0 } }],
  ['budget.quietHours.from', /^Write a time of day/, { budget: { quietHours: { from: '24:00', to: '06:00' } } }],
  ['budget.quietHours.to', /^Write another time/, { budget: { quietHours: { from: '06:00', to: '06:00' } } }],
  ['budget.quietHours.timeZone', /"Europe\/London"\.$/, { budget: { quietHours: { ...NIGHT, timeZone: 'Moon' } } }],
  ['budget.quietHours.days', /^Name a day\.$/, { budget: { quietHours: { ...NIGHT, days: [] } } }],
])('%s that is wrong is refused by its field: %s', async (field, message, more) => {
  const { add, server } = await world();
  const payload = await add(more);
  expect(payload?.userErrors.map((one) => one.field)).toEqual([field]);
  expect(payload?.userErrors[0]).toMatchObject({ code: 'INVALID', message: expect.stringMatching(message) });
  expect(await listAddedSources(server.store)).toEqual([]);
});
