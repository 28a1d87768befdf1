import { join } from 'node:path';
import type { NextConfig } from 'next';
import { PHASE_DEVELOPMENT_SERVER } from 'next/constants';
import { apiUrl } from './config.ts';

const root = join(import.meta.dirname, '..');

export default function config(phase: string): NextConfig {
  const development = phase === PHASE_DEVELOPMENT_SERVER;
  return {
    turbopack: { root },
    outputFileTracingRoot: root,
    poweredByHeader: false,
    reactStrictMode: true,
    allowedDevOrigins: ['127.0.0.1'],
    devIndicators: false,
    // Titles must be in the head before the first byte: pages are read without JavaScript too.
    htmlLimitedBots: /.*/,
    ...(development && { rewrites: async () => [{ source: '/graphql', destination: `${apiUrl()}/graphql` }] }),
  };
}
