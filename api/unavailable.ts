/** The store does not answer: whoever asks is told so, and when to ask again. */
import type { FastifyReply } from 'fastify';
import { StoreUnavailable } from '#store/error.ts';

export const RETRY_AFTER_SECONDS = 5;
export const UNAVAILABLE = 'The store does not answer just now; ask again in a few seconds.';

/** Somewhere below the error is a store that does not answer. */
export function isUnavailable(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = 'originalError' in e && e.originalError ? e.originalError : e.cause) {
    if (e instanceof StoreUnavailable) return true;
  }
  return false;
}

export function sayUnavailable(reply: FastifyReply): FastifyReply {
  return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS);
}

/** For a browser, which has nobody else to tell. */
export const UNAVAILABLE_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="${RETRY_AFTER_SECONDS}"><title>Store unavailable · Basalt</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:34rem;margin:16vh auto;padding:0 1.5rem}h1{font-size:1.25rem}</style>
<main><h1>The store does not answer just now</h1><p>Basalt runs, but the database with its results cannot be reached. Nothing is lost:
reading the labs goes on where it stopped. This page tries again every ${RETRY_AFTER_SECONDS} seconds.</p></main></html>`;
