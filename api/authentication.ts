import { hash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** Who calls. */
export interface Caller {
  /** Tells API keys apart without saying what they are; ids of what a caller creates derive from it. */
  readonly keyId: string;
}

declare module 'express-serve-static-core' {
  interface Locals {
    caller?: Caller;
  }
}

/** Accepts `Authorization: Bearer KEY` for any of `keys`; every comparison takes the same time. */
export function authenticate(keys: readonly string[]): RequestHandler {
  const known = keys.map((key) => {
    const digest = sha256(key);
    return { digest, caller: { keyId: digest.toString('hex').slice(0, 16) } };
  });
  return (req, res, next) => {
    const presented = /^Bearer +([^\s]+)$/i.exec(req.get('authorization') ?? '')?.[1];
    const digest = sha256(presented ?? '');
    let caller: Caller | undefined;
    for (const key of known) {
      if (timingSafeEqual(key.digest, digest)) caller = key.caller;
    }
    if (!caller || presented === undefined) {
      throw new Problem(
        'unauthorized',
        'Send the header Authorization: Bearer KEY with one of the API keys of this service.',
      );
    }
    res.locals.caller = caller;
    next();
  };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
