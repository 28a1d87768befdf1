import { join } from 'node:path';
import { PHASE_DEVELOPMENT_SERVER } from 'next/constants.js';
import { apiUrl } from './config.ts';

const root = join(import.meta.dirname, '..');

// JavaScript, because Next compiles a TypeScript configuration by itself and then finds no other .ts file.
/** @param {string} phase @returns {import('next').NextConfig} */
export default function config(phase) {
  const development = phase === PHASE_DEVELOPMENT_SERVER;
  return {
    turbopack: { root },
    outputFileTracingRoot: root,
    poweredByHeader: false,
    reactStrictMode: true,
    allowedDevOrigins: ['127.0.0.1'],
    devIndicators: false,
    // Checked by `npm run types`, once and for all files.
    typescript: { ignoreBuildErrors: true },
    // Titles must be in the head before the first byte: pages are read without JavaScript too.
    htmlLimitedBots: /.*/,
    ...(development && {
      rewrites: async () =>
        ['/graphql', '/schema.graphql', '/export/:file'].map((source) => ({
          source,
          destination: `${apiUrl()}${source}`,
        })),
    }),
  };
}
