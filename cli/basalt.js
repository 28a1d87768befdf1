#!/usr/bin/env node
const [major = 0] = process.versions.node.split('.').map(Number);

if (major < 24) {
  process.stderr.write(
    `Basalt needs Node 24 and this is Node ${process.versions.node}: run it through npm (npm start, npm run demo, npx basalt ...), which brings its own Node 24.\n`,
  );
  process.exitCode = 78;
} else {
  await import('./drizzle-modules.js');
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
