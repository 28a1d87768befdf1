import { expect, test } from 'vitest';
import { toAdvanced, toInput } from '../../frontend/features/source/advanced.ts';

const NOTHING = { logs: null, detail: null, results: null, rollups: null };

test('a form that nobody touched says of the rarer settings that there are none', () => {
  expect(toInput(toAdvanced())).toEqual({
    ...{ ca: null, callbackToken: null, history: 'NEWEST', retention: null },
    budget: { megabytesPerHour: null, quietHours: null },
  });
});

test('what a form shows is what it saves; a token of callbacks is never among it', () => {
  const quietHours = { from: '22:00', to: '06:00', timeZone: 'Europe/London', days: ['mon', 'fri'] };
  const lab = {
    retention: { ...NOTHING, logs: 90, results: 365 },
    addedSettings: { ca: 'PEM', takesCallbacks: true, history: 'OLDEST' as const, megabytesPerHour: 500, quietHours },
  };
  const shown = toAdvanced(lab);
  expect(toInput(shown)).toEqual({
    ...{ ca: 'PEM', callbackToken: null, history: 'OLDEST', retention: lab.retention },
    budget: { megabytesPerHour: 500, quietHours },
  });
  expect(toInput({ ...shown, ca: ' ', megabytes: '', from: '', to: '', kept: toAdvanced().kept })).toEqual({
    ...{ ca: null, callbackToken: null, history: 'OLDEST', retention: null },
    budget: { megabytesPerHour: null, quietHours: null },
  });
});
