/** What a browser makes of a page: when it paints first, its longest task, and what axe finds. Chromium at 1440 by 900. */
import { setTimeout as wait } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from '../test/e2e/chromium.ts';

const VIEWPORT = { width: 1440, height: 900 };
/** Turns of the wheel after the page is there. */
const TURNS = 25;
const TURN_MS = 40;

/** `paint`: first contentful paint, milliseconds. `task`: the longest of the main thread, in its own time, milliseconds. */
export type Painted = { paint: number; task: number; violations: string[] };

type TraceEvent = { name: string; ph: string; pid: number; tid: number; tdur?: number; args?: { name?: string } };

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() ?? undefined, args: CHROMIUM_ARGS });
}

export async function paintPage(browser: Browser, url: string, screenshot?: string): Promise<Painted> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  try {
    await page.goto('about:blank');
    await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    await page.goto(url, { waitUntil: 'load' });
    await page.mouse.move(VIEWPORT.width / 2, VIEWPORT.height / 2);
    for (let turn = 0; turn < TURNS; turn++) {
      await page.mouse.wheel(0, VIEWPORT.height / 2);
      await wait(TURN_MS);
    }
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    const task = longestTask(await browser.stopTracing());
    if (paint === undefined) throw new Error(`${url} painted nothing`);
    if (screenshot) {
      await page.mouse.wheel(0, -TURNS * VIEWPORT.height);
      await page.screenshot({ path: screenshot });
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    return { paint, task, violations: violations.map(({ id, nodes }) => `${id} at ${nodes[0]?.target}`) };
  } finally {
    await context.close();
  }
}

function longestTask(trace: Buffer): number {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace.toString());
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
  const main = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(threadOf),
  );
  const tasks = traceEvents.filter((event) => event.ph === 'X' && main.has(threadOf(event)));
  if (tasks.length === 0) throw new Error('the trace has no task of the main thread');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}
