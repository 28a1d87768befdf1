/** Makes what device types are called here what their aliases say, and tells what was not so. */
import type { Difference } from './rebuild-rollups.ts';
import { holdTypesAnew } from './save-known-issue.ts';
import type { Sql } from './store.ts';
import { applyTypeAliases } from './type-alias.ts';

/** Call inside a transaction in which nobody else writes. */
export async function mendTypes(sql: Sql): Promise<Difference[]> {
  const { deviceType, env, device } = await applyTypeAliases(sql);
  if (env > 0) await holdTypesAnew(sql);
  return [
    { table: 'device_type', missing: deviceType, extra: 0, wrong: 0 },
    { table: 'env', missing: 0, extra: 0, wrong: env },
    { table: 'device', missing: 0, extra: 0, wrong: device },
  ];
}
