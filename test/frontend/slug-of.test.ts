import { expect, test } from 'vitest';
import { slugOf } from '../../frontend/features/source/slug-of.ts';

test.each([
  ['https://lava.cambridge.example/', 'cambridge'],
  ['https://cambridge.lava.example.org/lava/', 'cambridge'],
  ['https://validation.linaro.org/', 'linaro'],
  ['https://lava-master.my_lab.example/', 'my-lab'],
  ['http://10.0.0.7:8080/', 'lab'],
  ['http://[::1]/', 'lab'],
  ['http://localhost/', 'localhost'],
  ['http://lava/', 'lab'],
  ['nonsense', ''],
])('%s is called %s', (url, slug) => {
  expect(slugOf(url)).toBe(slug);
});
