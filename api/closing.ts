import type { RequestHandler } from 'express';

/**
 * Closes a connection that its sender wants closed (HTTP/1.0, `Connection: close`: scripts and proxies) when the request has been read, and
 * not already with the answer: what is closed with something unread is reset, and the sender of a large file that is refused would never
 * see why. How long the rest may take says api/arrival.ts.
 */
export const closesWhenRead: RequestHandler = (req, res, next) => {
  if (!res.shouldKeepAlive) {
    res.shouldKeepAlive = true;
    res.once('finish', () => {
      if (req.complete) req.socket.end();
      else req.once('end', () => req.socket.end());
    });
  }
  next();
};
