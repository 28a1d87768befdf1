/** Where a secret is: never in basalt.yaml itself. */
import { z } from 'zod';

export const SecretConfig = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: 'write { env: NAME } or { file: PATH }: secrets are not kept in the configuration' },
);
