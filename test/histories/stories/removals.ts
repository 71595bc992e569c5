import { until } from '../../simulator/until.ts';
import { RemovalAtCarrier } from '../../workflows/removal-at-carrier.ts';
import type { Story } from './story.ts';

/** Nobody is to carry the texts; the carrier takes its time. */
const ended: Story = (engine) => {
  const removal = new RemovalAtCarrier(engine);
  const [first = '', second = ''] = removal.input.numberKeys;
  removal.answers = [{ left: [first, second] }, { left: [second] }, { left: [] }];
  return engine.withActivities(removal.activities(), async () => {
    const handle = await removal.start();
    await handle.result();
    return { 'removal-ended': handle };
  });
};

const toNextCarrier: Story = (engine) => {
  const removal = new RemovalAtCarrier(engine, 'alpha');
  removal.cutovers.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
  return engine.withActivities(removal.activities(), async () => {
    const handle = await removal.start();
    await handle.result();
    return { 'removal-to-next-carrier': handle };
  });
};

const waitingForProof: Story = (engine) => {
  const removal = new RemovalAtCarrier(engine, 'alpha');
  return engine.withActivities(removal.activities(), async () => {
    const handle = await removal.start();
    await until(async () => removal.last?.status === 'activating', 45_000);
    return { 'removal-waiting-for-proof': handle };
  });
};

export const removalStories: readonly Story[] = [ended, toNextCarrier, waitingForProof];
