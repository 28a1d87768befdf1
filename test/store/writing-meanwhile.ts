/** Writes rows into a store of an earlier version, one transaction each, until it is told to stop. */
import Database from 'better-sqlite3';

const [, , path] = process.argv;
if (!path) throw new Error('writing-meanwhile: PATH is missing');
const client = new Database(path, { timeout: 10_000 });
const insert = client.prepare("INSERT INTO project (slug, name) VALUES (?, 'written meanwhile')");
let written = 0;
let isStopping = false;
process.stdin.on('data', () => {
  isStopping = true;
});
const next = (): void => {
  if (isStopping) {
    client.close();
    process.stdout.write(`${written}\n`);
    process.exit();
  }
  insert.run(`meanwhile-${written}`);
  if (written === 0) process.stdout.write('begun\n');
  written += 1;
  setImmediate(next);
};
next();
