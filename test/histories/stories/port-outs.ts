import { hour, PortOutAtCarrier } from '../../workflows/port-out-at-carrier.ts';
import type { Story } from './story.ts';

/** Runs a port-out with its activities, and ends nothing: an open history is one, too. */
const ofPortOut =
  (name: string, tell: (portOut: PortOutAtCarrier, sleep: (ms: number) => Promise<void>) => Promise<void>): Story =>
  async (engine) => {
    const portOut = new PortOutAtCarrier(engine);
    return engine.withActivities(portOut.activities(), async () => {
      await portOut.start();
      await tell(portOut, (ms) => engine.env.sleep(ms));
      return { [name]: portOut.handle };
    });
  };
const ask = { decision: 'ask', fallback: { decision: 'reject', code: '1001' } } as const;

const ported = ofPortOut('port-out-ported', async (portOut, sleep) => {
  await portOut.reaches('authorized');
  await sleep(72 * hour);
  portOut.says = { ...portOut.says, state: 'ported', carrierState: 'ported' };
  await portOut.handle.result();
});

const byDefault = ofPortOut('port-out-rejected-by-default', async (portOut, sleep) => {
  portOut.proposal = ask;
  await portOut.reaches('awaiting-decision');
  await sleep(23 * hour);
  await portOut.news({ state: 'rejected', carrierState: 'rejected' });
  await portOut.handle.result();
});

const decided = ofPortOut('port-out-decided-and-cancelled', async (portOut) => {
  portOut.proposal = ask;
  await portOut.reaches('awaiting-decision');
  await portOut.authorize();
  await portOut.reaches('authorized');
  await portOut.news({ state: 'cancelled', carrierState: 'canceled' });
  await portOut.handle.result();
});

const open = ofPortOut('port-out-open', async (portOut) => {
  portOut.proposal = { decision: 'reject', code: '1001' };
  await portOut.reaches('rejecting');
  await portOut.news({ state: 'pending', carrierState: 'pending' });
  await portOut.reaches('awaiting-decision');
});

export const portOutStories: readonly Story[] = [ported, byDefault, decided, open];
