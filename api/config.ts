/** The `access` part of basalt.yaml: who may see more than a visitor without a token. */
import { z } from 'zod';
import { ROLES } from '#schema/viewer.ts';
import { MAX_COST } from './limits.ts';
import { OidcConfig } from './oidc-config.ts';
import { COST_PER_MINUTE } from './rate-limit.ts';
import { SecretConfig } from './secret-config.ts';

export const AccessConfig = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        login: z.string().min(1),
        token: SecretConfig,
        teams: z.array(z.string().min(1)).default([]),
        /** An admin sees every source and every private job; triage judges results of those that it sees. */
        role: z.enum(ROLES, `use ${ROLES.join(', ')}`).default('viewer'),
      }),
    )
    .default([]),
  oidc: OidcConfig.optional(),
});
export type AccessConfig = z.infer<typeof AccessConfig>;

/** Addresses of proxies: whom a request is from is what these say in X-Forwarded-For. */
export const ProxiesConfig = z
  .array(
    z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
      error: 'write an address of a proxy, or a network that is only of proxies: 10.0.0.5, 10.0.0.0/28, fd00::/64',
    }),
  )
  .default([]);

/** The `limits` part: what one caller may ask of the API. */
export const LimitsConfig = z.strictObject({
  costPerMinute: z.int().min(MAX_COST, `use ${MAX_COST} or more: one query may cost as much`).default(COST_PER_MINUTE),
});

/** The `mail` part: by which server mail leaves, and from whom. */
export const MailConfig = z.strictObject({
  /** smtp://USER:PASSWORD@HOST:PORT or smtps://. */
  smtp: SecretConfig,
  from: z.string().regex(/^[^\r\n]+$/, 'write an address, or NAME <ADDRESS>'),
});

/** The `webhooks` part: where people may have messages posted to. */
export const WebhooksConfig = z.strictObject({
  /** Receivers in a private network, or on this machine. */
  privateHosts: z
    .array(z.string().regex(/^[^\s/@:]+(?::\d{1,5})?$/, 'write HOST or HOST:PORT, as in the address, without https://'))
    .default([]),
});
export type WebhooksConfig = z.infer<typeof WebhooksConfig>;
