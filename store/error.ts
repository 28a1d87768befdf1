/** What was asked for does not exist, or may not be seen: the two look alike. */
export class NotFound extends Error {
  override name = 'NotFound';
}

/** The caller's input is wrong; the message says what, where and what to do. */
export class InvalidInput extends Error {
  override name = 'InvalidInput';
}

/** Whoever reads on by a cursor can no more be told everything since then: he begins anew, without it. */
export class CursorTooOld extends Error {
  override name = 'CursorTooOld';
}

export class Conflict extends Error {
  override name = 'Conflict';
}

/** Another process does what only one may do at a time. */
export class StoreInUse extends Error {
  override name = 'StoreInUse';
}

/** Another ingester reads the source now: what this one was about to write is not written. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

export class Forbidden extends Error {
  override name = 'Forbidden';
}

/** The store's server does not answer: it may again soon. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
  constructor(store: string, options?: ErrorOptions) {
    super(`${store} does not answer: is the database server running, and may this machine reach it?`, options);
  }
}

/** Two writers stood in each other's way, and this one has to begin again. */
export class WriteCollision extends Error {
  override name = 'WriteCollision';
}

/** The store's file is not what was written: nothing is read from it or written to it. */
export class StoreDamaged extends Error {
  override name = 'StoreDamaged';
  constructor(path: string, what: string) {
    super(
      `${path}: the file is damaged (${what}); restore the last backup of it and of its logs, or move it away and the masters are read anew`,
    );
  }
}

/** There is no room for more. */
export class DiskFull extends Error {
  override name = 'DiskFull';
}
