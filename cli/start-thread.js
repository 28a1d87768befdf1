import './drizzle-modules.js';

await import('./ingest-thread.ts');
