/** `basalt audit`: what the masters hold against what is stored. */
import { SourceError } from '#adapters/error.ts';
import { auditSource } from '#ingest/audit.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { inSession } from './session.ts';

export async function audit(config: Config, slug: string | null): Promise<number> {
  return inSession(config, slug, async ({ writer, sources, signal, now }) => {
    let code: number = EXIT.ok;
    for (const source of sources) {
      try {
        const result = await auditSource(writer, source.adapter, source.slug, { now, signal });
        const { sourceCount, storeCount, missing, changed, goneAtSource } = result;
        process.stdout.write(
          `${source.slug}: master ${sourceCount}, stored ${storeCount}: ${missing.length} missing, ${changed.length} changed, ${goneAtSource} only here\n`,
        );
        if (missing.length > 0) process.stdout.write(`  missing: ${missing.slice(0, 20).join(' ')}\n`);
        if (changed.length > 0) process.stdout.write(`  changed: ${changed.slice(0, 20).join(' ')}\n`);
        if (missing.length + changed.length > 0 && code === EXIT.ok) code = EXIT.findings;
      } catch (cause) {
        if (!(cause instanceof SourceError)) throw cause;
        process.stderr.write(`${cause.message}\n`);
        code = EXIT.source;
      }
    }
    return code;
  });
}
