/** Typed documents of the clients that are tested, made of the contract as it is published. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  generates: {
    'test/clients/graphql/': {
      preset: 'client',
      documents: 'test/clients/*.graphql',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: 'string', Decimal: 'string', JSON: 'unknown', URL: 'string', ID: 'string' },
      },
    },
  },
};

export default config;
