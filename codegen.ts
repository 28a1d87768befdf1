import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/graphql/*.graphql',
  generates: {
    'api/graphql/types.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: '#api/context.ts#Context',
        mapperTypeSuffix: 'Row',
        enumsAsTypes: true,
        useTypeImports: true,
        avoidOptionals: { field: true, object: false, inputValue: false },
        scalars: {
          ID: 'string',
          DateTime: { input: 'number', output: 'number' },
          Decimal: 'string',
          JSON: 'unknown',
          URL: 'string',
        },
      },
    },
    'frontend/graphql/': {
      preset: 'client',
      documents: ['frontend/**/*.graphql', '!frontend/graphql/**'],
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: 'string', Decimal: 'string', JSON: 'unknown', URL: 'string', ID: 'string' },
      },
    },
  },
};

export default config;
