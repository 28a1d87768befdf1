/**
 * Numbers of a page and the lists they count, read from the page as it is served, without running its script. How a page declares them:
 * `data-count` (ui/count.tsx, ui/figure.tsx) on a link: so many are in the list it leads to. `data-total` (Section, Pager):
 * so many are in the list of this section; with `data-apart` they are other things than its rows. `data-measure`: counts
 * no list. Anything else that is written as a whole number is loose, and a page with a loose number does not pass.
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

type Counted = { value: number; text: string; href: string; where: string };
/** `said`: its totals; `apart`: they are not its rows. `whole`: no row of it lies on another page. */
type List = { id: string; said: number[]; apart: boolean; rows: number; whole: boolean };
export type ReadPage = { status: number; counted: Counted[]; loose: string[]; lists: List[] };

/** A page once read is kept, unless it is wanted afresh. */
type ReadsPage = (path: string, afresh?: boolean) => Promise<ReadPage>;

/** Makes a browser page lend its parser: it then stands on an address without a page of the app. */
export async function lendParser(page: Page, origin: string): Promise<ReadsPage> {
  const script = readFileSync(join(import.meta.dirname, 'read-counts.ts'), 'utf8');
  await page.addInitScript({ content: stripTypeScriptTypes(script) });
  await page.goto(`${origin}/readyz`);
  const read = new Map<string, Promise<ReadPage>>();
  return (path, afresh = false) => {
    const found =
      (afresh ? undefined : read.get(path)) ?? page.evaluate<ReadPage>(`readCounts(${JSON.stringify(path)})`);
    read.set(path, found);
    return found;
  };
}

/** The list that an address leads to: what its fragment names, else the first one that says its total, else the first. */
function listAt({ lists }: ReadPage, fragment: string): List | undefined {
  if (fragment !== '') return lists.find(({ id }) => id === fragment);
  return lists.find(({ said }) => said.length > 0) ?? lists[0];
}

/** What is wrong with the list that a number leads to, or null. */
function differenceOf({ value, text, href }: Counted, target: ReadPage): string | null {
  const fragment = decodeURIComponent(href.split('#')[1] ?? '');
  const list = target.status === 200 ? listAt(target, fragment) : undefined;
  const wrong = (what: string) => `"${text}" counts ${value} and leads to ${href}: ${what}`;
  if (!list) return wrong(`status ${target.status}, no list ${fragment}`);
  const { said, rows, whole, apart } = list;
  const sum = said.reduce((a, b) => a + b, 0);
  if (said.length > 0 && !said.includes(value) && sum !== value) return wrong(`the list says ${said.join(', ')}`);
  if (apart) return null;
  if (whole ? rows !== value && rows !== sum : rows > Math.max(value, sum)) return wrong(`the list has ${rows} rows`);
  return null;
}

/** Numbers of one kind on a page are alike: so many of them are followed. */
const OF_A_KIND = 3;

/** What is wrong on pages, by their names, and how many numbers were followed. */
export async function walkPages(
  readPage: ReadsPage,
  pages: Readonly<Record<string, string>>,
  withoutCounts: ReadonlySet<string> = new Set(),
): Promise<{ findings: string[]; followed: number }> {
  const findings: string[] = [];
  let followed = 0;
  for (const [name, path] of Object.entries(pages)) {
    let page = await walkPage(readPage, path);
    // Jobs may have ended between a page and its lists.
    if (page.findings.length > 0) page = await walkPage((again) => readPage(again, true), path);
    followed += page.followed;
    findings.push(...page.findings.map((what) => `${name}: ${what}`));
    if (page.counted === 0 && !withoutCounts.has(name)) findings.push(`${name} counts nothing`);
  }
  return { findings, followed };
}

async function walkPage(readPage: ReadsPage, path: string) {
  const { status, counted, loose } = await readPage(path);
  const followed = [...Map.groupBy(counted, ({ where }) => where).values()].flatMap(some);
  const differences = await Promise.all(
    followed.map(async (one) => differenceOf(one, await readPage(addressOf(one, path)))),
  );
  const findings = [status === 200 ? null : `status ${status}`, ...loose, ...differences];
  return {
    findings: findings.filter((one) => one !== null),
    followed: followed.length,
    counted: counted.length,
  };
}

/** The first ones and the last. */
function some(alike: readonly Counted[]): Counted[] {
  return [...new Set([...alike.slice(0, OF_A_KIND - 1), ...alike.slice(-1)])];
}

/** Without the fragment. */
function addressOf({ href }: Counted, path: string): string {
  const { pathname, search } = new URL(href, new URL(path, 'http://basalt'));
  return `${pathname}${search}`;
}
