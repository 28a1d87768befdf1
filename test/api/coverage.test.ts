import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '#api/app.ts';
import { temporaryWriter } from '../store/temporary.ts';

test('an answer from a database that is more than half a minute behind is not complete', async () => {
  const { store } = await temporaryWriter([]);
  let lag = 0;
  const app = await buildApp({
    store: { ...store, lagSeconds: async () => lag },
    access: [],
    events: new EventEmitter(),
    logger: pino({ level: 'silent' }),
    version: 'test',
    startedAt: 0,
  });
  onTestFinished(() => app.close());
  const coverage = async () => {
    const query = '{ coverage { complete storeLagSeconds } jobs { coverage { complete } } }';
    return (await app.inject({ method: 'POST', url: '/graphql', payload: { query } })).json().data;
  };
  for (const [behind, complete] of [
    [0, true],
    [30, true],
    [31, false],
  ] as const) {
    lag = behind;
    expect(await coverage()).toEqual({
      coverage: { complete, storeLagSeconds: behind },
      jobs: { coverage: { complete } },
    });
  }
});
