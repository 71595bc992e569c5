import type { RequestHandler } from 'express';

/** A request that has not arrived by then never will. */
const wholeMs = 30_000;
/** A file that is read as it comes in may take its time, but not stop for so long. */
const silenceMs = 30_000;

/**
 * Cuts off requests whose body does not arrive: a server's own limit would be one for all, and a million lines take minutes.
 * @param streamed paths of calls that read a file as it comes in
 */
export function arrivesInTime(streamed: ReadonlySet<string>): RequestHandler {
  return (req, _res, next) => {
    const giveUp = () => {
      if (!req.complete) req.destroy();
    };
    if (streamed.has(req.path)) {
      req.setTimeout(silenceMs, giveUp);
    } else {
      const timer = setTimeout(giveUp, wholeMs);
      req.once('close', () => clearTimeout(timer));
    }
    next();
  };
}
