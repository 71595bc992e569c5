import { setTimeout as sleep } from 'node:timers/promises';
import { nothing } from '../../carriers/allotment.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { smppConfig } from '../../carriers/smpp/config.ts';
import { smppAdapter } from '../../carriers/smpp/smpp-adapter.ts';
import { openStore } from '../../store/store.ts';
import { SlotKeeper } from '../../worker/slot-keeper.ts';
import { sinkOf } from '../carriers/event-sink.ts';

/**
 * A process that writes to a carrier as fast as its slots let it, for frozen-holder.test.ts. Its texts say who wrote them.
 * Arguments: name, MongoDB's URI, database, the carrier's port; the store's secret stands in PORTSMS_SECRET.
 */
const [name = '', uri = '', database = '', port = ''] = process.argv.slice(2);
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const store = await openStore({ uri, database, secret: process.env.PORTSMS_SECRET ?? '' });
const carrier = smppAdapter.create(
  smppConfig.parse({
    id: 'alpha',
    adapter: 'smpp',
    host: '127.0.0.1',
    port: Number(port),
    systemId: 'portsms',
    password: 'p',
    segmentsPerSecond: 40,
    reconnectMinMs: 20,
  }),
  { logger },
);
await carrier.allot(nothing);
carrier.connect(sinkOf(async () => undefined));
const keeper = new SlotKeeper({
  carrier,
  leases: store.leases,
  worker: name,
  held: () => undefined,
  logger,
  timing: { leaseMs: 1500, stopAfterMs: 900, beatEveryMs: 250, lookEveryMs: 100 },
});
void keeper.run(new AbortController().signal);
process.once('disconnect', () => process.exit());
process.send?.('ready');

let reference = 0;
for (;;) {
  try {
    const reservation = await carrier.messaging.reserve({ wanted: 4, timeoutMs: 200 });
    // As a claim takes its time.
    await sleep(20);
    const texts = Array.from({ length: reservation.segments }, () => ({
      from: '+12025550100',
      to: '+12025550199',
      text: name,
      validityMs: 60_000,
      references: [++reference % 65_536],
    }));
    await Promise.all(carrier.messaging.submit(texts, reservation));
    reservation.release();
  } catch (error) {
    if (!(error instanceof CarrierUnavailable)) throw error;
  }
}
