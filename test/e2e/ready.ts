import { setTimeout } from 'node:timers/promises';
import type { FullConfig } from '@playwright/test';
import { ask } from './api.ts';

const DEADLINE_MS = 120_000;

/** Waits until every lab of the demo has been read once. */
// biome-ignore lint/style/noDefaultExport: Playwright asks for one
export default async function ready(config: FullConfig): Promise<void> {
  const baseUrl = config.projects[0]?.use.baseURL;
  if (!baseUrl) throw new Error('no baseURL is configured');
  const end = Date.now() + DEADLINE_MS;
  while (Date.now() < end) {
    const { sources } = await ask<{ sources: { nodes: { lastSuccessAt: string | null }[] } }>(
      baseUrl,
      '{ sources { nodes { lastSuccessAt } } }',
    );
    if (sources.nodes.length > 0 && sources.nodes.every(({ lastSuccessAt }) => lastSuccessAt !== null)) return;
    await setTimeout(250);
  }
  throw new Error(`the demo had not read its labs after ${DEADLINE_MS / 1000} s`);
}
