import type { Viewer } from '#schema/viewer.ts';

export type Context = { viewer: Viewer };
