import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { deviceFields, toDeviceFilter } from '@/features/device/device-filter.ts';
import { DeviceTable } from '@/features/device/device-table.tsx';
import { DevicesPageDocument } from '@/graphql/graphql.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { readFilters, type SearchParams, toHref, without } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/devices';
const PAGE = 100;

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const filters = readFilters(deviceFields([], []), params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    filter: toDeviceFilter(deviceFields([], []), filters),
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  return {
    filters,
    variables,
    data: await askAt(DevicesPageDocument, variables, {
      isPlaced: Boolean(after || before),
      start: toHref(PATH, filters),
    }),
  };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data } = await read(JSON.stringify(await searchParams));
  return { title: `${plural(data.devices.totalCount, 'device')}, ${data.bad.totalCount} Bad` };
}

export default async function Devices({ searchParams }: Props) {
  const { filters, variables, data } = await read(JSON.stringify(await searchParams));
  const { devices, bad, maintenance, all, sources, deviceTypes } = data;
  const fields = deviceFields(
    sources.nodes.map(({ slug }) => slug),
    deviceTypes.nodes.map(({ name }) => name),
  );
  const [lastKey] = Object.keys(filters).slice(-1);
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        title="Devices"
        facts={[
          ['Devices', <Counted key="all" value={all.totalCount} href={PATH} />],
          [
            'Bad',
            <Counted
              key="bad"
              value={bad.totalCount}
              href={`${PATH}?health=Bad`}
              className={bad.totalCount > 0 ? 'infra' : undefined}
            />,
          ],
          [
            'Maintenance',
            <Counted key="maintenance" value={maintenance.totalCount} href={`${PATH}?health=Maintenance`} />,
          ],
        ]}
        actions={<ApiPanel query={DevicesPageDocument.toString()} variables={variables} />}
      />
      <p className="verdict">
        {all.totalCount === 0 ? (
          <b>No device is known.</b>
        ) : bad.totalCount === 0 ? (
          <b>No device is Bad.</b>
        ) : (
          <b className="infra">
            <Counted value={bad.totalCount} href={`${PATH}?health=Bad`} /> of{' '}
            <Counted value={all.totalCount} href={PATH}>
              {plural(all.totalCount, 'device')}
            </Counted>{' '}
            {bad.totalCount === 1 ? 'is' : 'are'} Bad.
          </b>
        )}{' '}
        <span className="dim">
          {maintenance.totalCount > 0 && (
            <>
              <Counted value={maintenance.totalCount} href={`${PATH}?health=Maintenance`}>
                {plural(maintenance.totalCount, 'device')}
              </Counted>{' '}
              in maintenance.
            </>
          )}
        </span>
      </p>
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        quick={[
          { label: 'All labs', filters: {} },
          { label: 'Bad', filters: { health: ['Bad'] } },
          { label: 'Maintenance', filters: { health: ['Maintenance'] } },
          { label: 'Running', filters: { state: ['Running'] } },
        ]}
      />
      <Section id="devices" title="Devices" hidden className="tight">
        {devices.nodes.length > 0 ? (
          <>
            <DeviceTable devices={devices.nodes} labelledBy="devices" />
            <Pager
              page={devices.pageInfo}
              href={(cursor) => toHref(PATH, filters, cursor)}
              total={devices.totalCount}
              caption={`${devices.nodes.length} of ${plural(devices.totalCount, 'device')}`}
              words={['Previous', 'Next']}
            />
          </>
        ) : (
          <Empty
            title={lastKey ? 'No device matches' : 'No device has been read yet'}
            action={
              lastKey ? (
                <Link className="btn" href={toHref(PATH, without(filters, lastKey))} prefetch={false}>
                  <Icon name="x" />
                  Remove {lastKey}: {filters[lastKey]?.join(', ')}
                </Link>
              ) : (
                <Link className="btn" href="/labs">
                  See the labs
                </Link>
              )
            }
          >
            {lastKey ? 'All filters together leave nothing.' : 'Devices are read with the first sync of a lab.'}
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
