import type { DeviceFilter } from '@/graphql/graphql.ts';
import { type Field, type Filters, known, type Option } from '@/ui/filter.ts';

const same = (value: string): Option => ({ value, label: value });
const HEALTHS = ['Good', 'Unknown', 'Looping', 'Bad', 'Maintenance', 'Retired'];
const STATES = ['Idle', 'Reserved', 'Running'];

/** Every filter of the devices page. `labs` and `types` are what exists. */
export function deviceFields(labs: readonly string[], types: readonly string[]): Field[] {
  return [
    { key: 'lab', label: 'lab', kind: 'many', options: labs.map(same) },
    { key: 'health', label: 'health', kind: 'many', options: HEALTHS.map(same) },
    { key: 'state', label: 'state', kind: 'many', options: STATES.map(same) },
    { key: 'type', label: 'device type', kind: 'many', options: types.map(same) },
    { key: 'worker', label: 'worker', kind: 'text', hint: 'hostname' },
    { key: 'tag', label: 'tag', kind: 'text' },
    { key: 'retired', label: 'retired too', kind: 'flag' },
  ];
}

export function toDeviceFilter(fields: readonly Field[], filters: Filters): DeviceFilter {
  const health = known(fields, filters, 'health');
  return {
    scope: { sources: filters.lab && [...filters.lab], deviceTypes: filters.type && [...filters.type] },
    health,
    state: known(fields, filters, 'state'),
    worker: filters.worker?.[0],
    tag: filters.tag?.[0],
    includeRetired: filters.retired?.[0] === '1' || health?.includes('Retired') || undefined,
  };
}
