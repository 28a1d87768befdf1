'use client';
import Link from 'next/link';
import type { DeviceRowFragment } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE, verdictOfHealth } from '@/lava.ts';
import { devicePath, jobsPath, labPath } from '@/paths.ts';
import { percent } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { Tag } from '@/ui/tag.tsx';
import { Age } from '@/ui/time.tsx';
import { typeInWords } from './type-in-words.ts';

type Props = { devices: readonly DeviceRowFragment[]; labelledBy: string; hideLab?: boolean };

export function DeviceTable({ devices, labelledBy, hideLab }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Device</th>
            {!hideLab && (
              <th scope="col" className="p2">
                Lab
              </th>
            )}
            <th scope="col" className="p2">
              Type
            </th>
            <th scope="col">Health</th>
            <th scope="col" className="p2 num">
              Since
            </th>
            <th scope="col" className="p2">
              State
            </th>
            <th scope="col" className="num">
              Infra 7 d
            </th>
            <th scope="col" className="p2">
              Worker
            </th>
            <th scope="col" className="p2">
              Tags
            </th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <DeviceRow key={device.id} device={device} hideLab={hideLab} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function DeviceRow({ device, hideLab }: { device: DeviceRowFragment; hideLab?: boolean }) {
  const { hostname, source, health, state, worker, tags, goneAtSourceAt, infraFailureRate7d, healthTimeline } = device;
  const since = healthTimeline.at(-1)?.from;
  return (
    <tr>
      <th scope="row">
        <Link className="mono" href={devicePath(source.slug, hostname)} prefetch={false} data-open>
          {hostname}
        </Link>
        {goneAtSourceAt && (
          <>
            {' '}
            <Tag tone="unsure">gone on master</Tag>
          </>
        )}
        <span className="sub only-s">{typeInWords(device)}</span>
      </th>
      {!hideLab && (
        <td className="p2">
          <Link href={labPath(source.slug)} prefetch={false}>
            {source.slug}
          </Link>
        </td>
      )}
      <td className="p2 dim">{typeInWords(device)}</td>
      <td>
        <Status {...verdictOfHealth(health)} />
      </td>
      <td className="p2 num faint">{since && <Age at={since} />}</td>
      <td className="p2">{state === 'Running' ? <Status shape="run" tone="run" word={state} /> : state}</td>
      <td className="num">
        {infraFailureRate7d === null ? (
          <span className="faint">no jobs</span>
        ) : infraFailureRate7d === 0 ? (
          <span className="faint">0</span>
        ) : (
          <Link
            className={infraFailureRate7d > 0.1 ? 'infra strong' : undefined}
            href={jobsPath({ lab: source.slug, device: hostname, checks: '1', class: INFRASTRUCTURE })}
            prefetch={false}
            data-measure
          >
            {percent(infraFailureRate7d)}
          </Link>
        )}
      </td>
      <td className="p2 mono dim">{worker?.hostname}</td>
      <td className="p2">
        {tags.slice(0, 3).map((tag) => (
          <span key={tag}>
            <Tag>{tag}</Tag>{' '}
          </span>
        ))}
        {tags.length > 3 && (
          <span className="faint" data-measure>
            +{tags.length - 3}
          </span>
        )}
      </td>
    </tr>
  );
}
