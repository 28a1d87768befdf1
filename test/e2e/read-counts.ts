/** Runs in the browser, as counts.ts puts it there. */
import type { ReadPage } from './counts.ts';

Object.assign(globalThis, { readCounts });

async function readCounts(path: string): Promise<ReadPage> {
  const DECLARED = '[data-count], [data-total], [data-measure]';
  const NAMES =
    'time, code, pre, q, kbd, svg, .mono, .crumbs, .sr, h1, th[scope=row], th[scope=col], th[scope=colgroup]';
  const FORMS = 'input, label, select, option, datalist, script, .pop, [role=img]';
  const NUMBER = /(?<![\w.,:/#−+-])[1-9]\d*(,\d{3})*(?![\w:/]|[.,]\d|-\w)/g;
  const ROW = 'tbody > tr:not(.grp, .causerow), ol.letters > li, ul.list > li';
  const answer = await fetch(path);
  const html = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const main = html.querySelector('main');
  if (!main) return { status: answer.status, counted: [], loose: ['the page has no main part'], lists: [] };
  const sectionOf = (element: Element) => element.closest('section')?.getAttribute('aria-labelledby') ?? 'head';
  const spoken = (element: Element) => {
    const pieces: string[] = [];
    for (const walk = html.createTreeWalker(element, NodeFilter.SHOW_TEXT); walk.nextNode(); )
      pieces.push(walk.currentNode.nodeValue ?? '');
    return pieces.join(' ').replaceAll(/\s+/g, ' ').trim();
  };
  const numbersIn = (text: string) => [...text.matchAll(NUMBER)].map(([found]) => Number(found.replaceAll(',', '')));
  const numberOf = (element: Element, name: string) => Number(element.getAttribute(name));

  const loose: string[] = [];
  const complain = (element: Element, what: string) => loose.push(`${sectionOf(element)}: ${what}: ${spoken(element)}`);
  const texts = html.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!element || numbersIn(texts.currentNode.nodeValue ?? '').length === 0) continue;
    if (!element.closest(`${DECLARED}, ${NAMES}, ${FORMS}`)) complain(element, 'a number that nothing declares');
  }
  for (const name of ['data-count', 'data-total']) {
    for (const element of main.querySelectorAll(`[${name}]`)) {
      const [value, text] = [numberOf(element, name), spoken(element)];
      const says =
        value === 0 || element.matches('a[data-apart]') || text.includes('%') || numbersIn(text).includes(value);
      if (!says) complain(element, `${name} is ${value}, and it says`);
      if (name === 'data-count' && !element.hasAttribute('href')) complain(element, 'a count without a link');
    }
  }
  const counted = [...main.querySelectorAll('a[data-count]')].map((link) => ({
    value: numberOf(link, 'data-count'),
    text: spoken(link),
    href: link.getAttribute('href') ?? '',
    where: `${sectionOf(link)} ${link.closest('td, dd, p, li, div')?.className} ${link.closest<HTMLTableCellElement>('td')?.cellIndex ?? ''}`,
  }));
  const lists = [...main.querySelectorAll('section[aria-labelledby]')].map((section) => {
    const totals = [...section.querySelectorAll('[data-total]')];
    return {
      id: sectionOf(section),
      said: totals.map((total) => numberOf(total, 'data-total')),
      apart: totals.some((total) => total.hasAttribute('data-apart')),
      rows: [...section.querySelectorAll(ROW)].filter((row) => !row.parentElement?.closest('details, .causerow'))
        .length,
      whole: section.querySelector('a[rel=next], a[rel=prev], .more a, noscript a, [data-cut]') === null,
    };
  });
  return { status: answer.status, counted, loose, lists };
}
