import express, { type Router } from 'express';
import type { Carrier } from '../../carriers/carrier.ts';
import { WebhookRejected } from '../../carriers/errors.ts';
import type { Intake } from '../../intake/intake.ts';
import { refuseMethodsBut } from '../operation.ts';
import { Problem } from '../problem.ts';
import { unknownCarrier } from '../unknown-carrier.ts';

/**
 * Where carriers send what happened. No API key: each carrier's own signature is checked over the bytes that came, so they are read
 * before any JSON parser. Answered when everything is stored (invariant 3), else with an error, on which the carrier sends it again.
 */
export function carrierWebhooks(dependencies: {
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly intake: Pick<Intake, 'receive'>;
  readonly bodyLimitBytes: number;
}): Router {
  const { carriers, intake, bodyLimitBytes } = dependencies;
  const router = express.Router();
  const readRaw = express.raw({ type: () => true, limit: bodyLimitBytes });

  const path = '/webhooks/carriers/:carrier';
  router.post(path, readRaw, async (req, res) => {
    const carrier = carriers.get(String(req.params.carrier));
    if (!carrier) throw unknownCarrier(carriers, 404);
    if (!carrier.webhook)
      throw new Problem('webhook-not-supported', 'This carrier tells its news over its own session.');
    const events = parse(carrier.webhook, Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0), req.headers);
    try {
      await intake.receive(carrier.settings.id, events);
    } catch (cause) {
      throw new Problem('store-unavailable', 'Nothing was acknowledged; send it again.', { cause });
    }
    res.status(200).json({ received: events.length });
  });
  refuseMethodsBut('POST', router, path);

  return router;
}

function parse(webhook: NonNullable<Carrier['webhook']>, body: Buffer, headers: NodeJS.Dict<string | string[]>) {
  // A header that came twice is not one that a carrier signs by.
  const single = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  try {
    return webhook.parse(body, Object.fromEntries(single));
  } catch (error) {
    if (error instanceof WebhookRejected) throw new Problem(error.reason, error.message);
    throw error;
  }
}
