/** What a command does that runs until it is told to stop. */
import type { Logger } from 'pino';

export type Running = {
  /** Resolves when it has died by itself, be it before anybody asks. */
  broken: Promise<Error>;
  close(): Promise<void>;
};

/** Runs until SIGTERM or SIGINT, then puts everything down in order; a second signal ends at once. */
export async function untilStopped(running: Running, log: Logger): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(130);
      stopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => {
        log.error('it did not stop within 15 s');
        process.exit(70);
      }, 15_000).unref();
      running.close().then(
        () => resolve(0),
        (cause: unknown) => {
          log.error({ err: cause }, 'it did not stop in order');
          resolve(70);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    void running.broken.then((error) => {
      log.fatal({ err: error }, 'reading broke');
      process.exit(70);
    });
  });
}
