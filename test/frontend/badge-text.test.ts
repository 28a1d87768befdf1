import { expect, test } from 'vitest';
import { asHtml, asMarkdown } from '../../frontend/ui/badge-text.ts';

test('S-32: a badge to paste holds a name as text, whatever is in it', () => {
  const of = {
    name: 'a](x) <b> "c"',
    badge: 'https://h/badge/build/a(1)/v.svg?branch=a&b',
    page: 'https://h/builds/a(1)',
  };

  expect(asMarkdown(of)).toBe(
    '[![a\\](x) \\<b\\> "c"](https://h/badge/build/a%281%29/v.svg?branch=a&b)](https://h/builds/a%281%29)',
  );
  expect(asHtml(of)).toBe(
    '<a href="https://h/builds/a(1)"><img src="https://h/badge/build/a(1)/v.svg?branch=a&#38;b" alt="a](x) &#60;b&#62; &#34;c&#34;"></a>',
  );
});
