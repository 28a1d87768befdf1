/** LAVA's levels, the ones read most first. */
export const LEVELS = [
  'target',
  'results',
  'error',
  'warning',
  'info',
  'debug',
  'feedback',
  'input',
  'exception',
  'lava',
];
