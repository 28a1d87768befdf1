/**
 * Node reads the package.json of a package once more for every import between two of its files. That of drizzle-orm is
 * 180 kB, and so loading it made 250 MB of garbage: the imports between its files are answered here.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    return specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')
      ? { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
      : next(specifier, context);
  },
});
