/**
 * Badges for pages elsewhere: `GET /badge/build/PROJECT/VERSION.svg`, `/badge/build/PROJECT/latest.svg` and
 * `/badge/lab/SLUG.svg`; `.json` for shields.io. docs/operations/feeds.md says what they say.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Badge, badgeJson, badgeSvg } from './badge-image.ts';
import { type BadgeContext, badgeOfBuild, badgeOfLab } from './badge-of.ts';
import { createKeeper, sendKeepable } from './keepable.ts';

const FORMATS = {
  svg: { type: 'image/svg+xml; charset=utf-8', write: badgeSvg },
  json: { type: 'application/json; charset=utf-8', write: badgeJson },
} as const;

export function addBadges(app: FastifyInstance, options: Omit<BadgeContext, 'viewer'>): void {
  const keep = createKeeper();
  const serve = (
    prefix: string,
    badgeOf: (context: BadgeContext, parts: readonly string[], branch: string | undefined) => Promise<Badge>,
  ) =>
    app.get<{ Querystring: { branch?: string | string[] } }>(`${prefix}*`, async (request, reply) => {
      const asked = partsOf(request, prefix);
      if (!asked) return refuse(reply);
      const { parts, format } = asked;
      const branch = [request.query.branch].flat()[0] || undefined;
      const { type, write } = FORMATS[format];
      const key = JSON.stringify([prefix, format, branch ?? null, ...parts]);
      const answer = await keep(request, key, async () => {
        const badge = await badgeOf({ ...options, viewer: request.viewer }, parts, branch);
        return { type, body: write(badge), changedAt: null };
      });
      return sendKeepable(request, reply, answer);
    });

  serve('/badge/build/', (context, [project = '', ...version], branch) =>
    badgeOfBuild(context, { project, version: version.join('/'), branch }),
  );
  serve('/badge/lab/', (context, slug) => badgeOfLab(context, slug.join('/')));
}

function refuse(reply: FastifyReply) {
  const message = 'Ask for an address that ends in .svg, or in .json for shields.io.';
  return reply.code(404).send({ errors: [{ message, extensions: { code: 'NOT_FOUND' } }] });
}

/** Of the address as it was sent: an escaped slash is part of a name. */
function partsOf({ raw }: FastifyRequest, prefix: string): { parts: string[]; format: keyof typeof FORMATS } | null {
  const path = raw.url?.split('?')[0]?.slice(prefix.length) ?? '';
  const found = /^(.+)\.(svg|json)$/.exec(path);
  if (!found?.[1]) return null;
  return { parts: found[1].split('/').map(decodeURIComponent), format: found[2] === 'svg' ? 'svg' : 'json' };
}
