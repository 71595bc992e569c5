import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../../simulator/until.ts';
import type { EngineInTest } from '../../workflows/engine-in-test.ts';
import { day, hour, minute, type PortAtCarrier } from '../../workflows/port-at-carrier.ts';
import { ofPort, type Story } from './story.ts';

/** Cutovers by themselves; the port that they report to waits for something else. */
const cutovers = (tell: (port: PortAtCarrier, engine: EngineInTest) => Promise<Record<string, WorkflowHandle>>) =>
  ofPort(async (port, engine) => {
    port.problems = [{ code: 'field-missing', message: 'The PIN is missing.' }];
    await port.start();
    await port.reaches('action-required');
    return tell(port, engine);
  });

const overdue = cutovers(async (port, engine) => {
  const handle = await port.startCutover(hour, { proofDeadlineMs: hour });
  await engine.env.sleep(4 * hour);
  return { 'cutover-overdue': handle };
});

const staying = cutovers(async (port, engine) => {
  const handle = await port.startCutover(hour, { plan: 'stay' });
  await engine.env.sleep(hour + minute);
  port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
  await handle.result();
  return { 'cutover-stay': handle };
});

const continued = cutovers(async (port, engine) => {
  const first = await port.startCutover(hour, { proofDeadlineMs: 100 * day });
  const { runId } = await first.describe();
  await until(async () => {
    await engine.env.sleep(2 * hour);
    return (await port.cutover().describe()).runId !== runId;
  }, minute);
  port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
  await port.cutover().result();
  return { 'cutover-continued': port.cutover() };
});

export const cutoverStories: readonly Story[] = [overdue, staying, continued];
