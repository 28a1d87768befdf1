/** Run by migration-kill.test.ts: `node migrate.ts URL MIGRATIONS` brings a store to where the folder's migrations lead. */
import Database from 'better-sqlite3';
import { drizzle as drizzleFile } from 'drizzle-orm/better-sqlite3';
import { migrate as migrateFile } from 'drizzle-orm/better-sqlite3/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

const [, , url = '', migrationsFolder = ''] = process.argv;
process.stdout.write('migrating\n');
if (url.startsWith('postgres:')) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await migrate(drizzle(client), { migrationsFolder, migrationsSchema: 'public' });
  await client.end();
} else {
  const client = new Database(url);
  migrateFile(drizzleFile(client), { migrationsFolder });
  client.close();
}
