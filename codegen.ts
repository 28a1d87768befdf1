import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  ignoreNoDocuments: true,
  schema: 'schema/graphql/*.graphql',
  generates: {
    'api/graphql/types.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: '../context.ts#Context',
        enumsAsTypes: true,
        useTypeImports: true,
        mappers: {
          Source: '../../store/source.ts#SourceRow',
          SyncRun: '../../store/source.ts#SyncRunRow',
          Coverage: '../coverage.ts#CoverageParent',
          SourceCoverage: '../coverage.ts#SourceCoverageParent',
          Worker: '../../store/fleet.ts#WorkerRow',
          Device: '../../store/fleet.ts#DeviceRow',
          DeviceType: '../../store/fleet.ts#DeviceTypeRow',
          Job: '../../store/job.ts#JobRow',
          RemovedJob: '../../store/removed-job.ts#RemovedJobRow',
          TestCase: '../../store/test-case.ts#TestCaseRow',
          TestSuite: '../../store/test-case.ts#SuiteRow',
          Project: '../../store/build.ts#ProjectRow',
          Build: '../../store/build.ts#BuildRow',
          MatrixCell: '../matrix.ts#CellParent',
          MatrixLab: '../matrix.ts#LabParent',
          SourceConnection: '../connection.ts#SourceList',
          SyncRunConnection: '../connection.ts#SyncRunList',
          WorkerConnection: '../connection.ts#WorkerList',
          DeviceConnection: '../connection.ts#DeviceList',
          DeviceTypeConnection: '../connection.ts#DeviceTypeList',
          JobConnection: '../connection.ts#JobList',
          TestCaseConnection: '../connection.ts#TestCaseList',
          ProjectConnection: '../connection.ts#ProjectList',
          BuildConnection: '../connection.ts#BuildList',
          SearchHit: '../../store/search.ts#Hit',
          SearchConnection: '../connection.ts#SearchList',
        },
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
