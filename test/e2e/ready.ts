import { setTimeout } from 'node:timers/promises';
import type { FullConfig } from '@playwright/test';
import { ask } from './api.ts';

const DEADLINE_MS = 120_000;

type Answer = {
  sources: { nodes: { lastSuccessAt: string | null }[] };
  knownIssues: { nodes: { isBeingHeld: boolean }[] };
};

/** Waits until every lab of the demo has been read once, and all its jobs were held against its known issues. */
// biome-ignore lint/style/noDefaultExport: Playwright asks for one
export default async function ready(config: FullConfig): Promise<void> {
  const baseUrl = config.projects[0]?.use.baseURL;
  if (!baseUrl) throw new Error('no baseURL is configured');
  const end = Date.now() + DEADLINE_MS;
  while (Date.now() < end) {
    const { sources, knownIssues } = await ask<Answer>(
      baseUrl,
      '{ sources { nodes { lastSuccessAt } } knownIssues { nodes { isBeingHeld } } }',
    );
    const isRead = sources.nodes.length > 0 && sources.nodes.every(({ lastSuccessAt }) => lastSuccessAt !== null);
    if (isRead && knownIssues.nodes.length > 0 && knownIssues.nodes.every((issue) => !issue.isBeingHeld)) return;
    await setTimeout(250);
  }
  throw new Error(`the demo had not read its labs and entered its issues after ${DEADLINE_MS / 1000} s`);
}
