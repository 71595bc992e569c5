import { cutoverReturnedSignal } from '../../../workflows/contract.ts';
import { until } from '../../simulator/until.ts';
import { day, hour, minute, refusal } from '../../workflows/port-at-carrier.ts';
import { ofPort, type Story } from './story.ts';

const completed = ofPort(async (port, engine) => {
  const handle = await port.start();
  await port.reaches('submitted');
  await port.agrees(14 * day);
  await engine.env.sleep(14 * day + 2 * minute);
  await port.moves();
  await handle.result();
  return { 'port-completed': handle, 'cutover-ported': port.cutover() };
});

const mended = ofPort(async (port, engine) => {
  port.problems = [{ code: 'field-missing', message: 'The PIN is missing.', field: 'subscriber.pin' }];
  const handle = await port.start();
  await port.reaches('action-required');
  port.problems = [];
  port.reading = port.says('exception', { rejections: [{ code: 'PASSCODE_PIN_INVALID', message: 'Wrong PIN.' }] });
  await port.supplement(1);
  await port.reaches('exception');
  port.reading = port.says('submitted');
  await port.supplement(2);
  await port.reaches('submitted');
  await engine.env.sleep(15 * day);
  await port.agrees(5 * day);
  await port.events();
  return { 'port-waiting-for-date': handle, 'cutover-waiting-for-margin': port.cutover() };
});

const cancelledInMargin = ofPort(async (port, engine) => {
  const handle = await port.start();
  await port.reaches('submitted');
  await port.agrees(day);
  await engine.env.sleep(day - 10 * minute);
  port.answers.cancelOrder = () => refusal('http-422');
  await port.cancel();
  // Refused, and the order read: it is where it was.
  await port.events();
  await port.reaches('foc-confirmed');
  port.answers.cancelOrder = () => port.says('cancelled');
  await port.cancel();
  await handle.result();
  return { 'port-cancelled-in-margin': handle, 'cutover-returned': port.cutover() };
});

const cancelledInFlight = ofPort(async (port) => {
  const submission = port.hold('submitOrder');
  port.answers.cancelOrder = () => port.says('cancelled');
  const handle = await port.start();
  await submission.begun;
  await port.cancel();
  submission.release();
  await handle.result();
  return { 'port-cancelled-in-flight': handle };
});

const movedAndWithdrawn = ofPort(async (port, engine) => {
  const handle = await port.start();
  await port.reaches('submitted');
  await port.agrees(day);
  await engine.env.sleep(hour);
  await port.agrees(2 * day);
  await engine.env.sleep(2 * day - 10 * minute);
  await port.agrees(3 * day);
  await until(() => port.count('settleNumber') === 2);
  await engine.env.sleep(hour);
  await port.news(port.says('submitted'));
  await port.reaches('submitted');
  await engine.env.sleep(hour);
  await port.agrees(hour);
  await engine.env.sleep(hour + minute);
  await port.moves();
  await handle.result();
  return { 'port-date-moved-and-withdrawn': handle };
});

const onDemand = ofPort(
  async (port) => {
    const handle = await port.start();
    await port.reaches('submitted');
    await port.agrees(2 * day);
    port.answers.activateOrder = () => refusal('http-422');
    await port.activate();
    await until(() => port.stepsOf('number.returned').length === 2);
    port.answers = {};
    await port.activate();
    await port.reaches('activating');
    await port.moves();
    await handle.result();
    return { 'port-on-demand': handle };
  },
  { activation: 'on-demand' },
);

const givenUp = ofPort(async (port) => {
  port.reading = port.says('exception');
  const handle = await port.start();
  await handle.result();
  return { 'port-given-up': handle };
});

const snappedBack = ofPort(async (port, engine) => {
  const handle = await port.start();
  await port.reaches('submitted');
  await port.agrees(hour);
  await engine.env.sleep(hour + minute);
  await port.news(port.says('ported'));
  await port.reaches('activating');
  for (const key of port.input.numberKeys)
    await port.cutover(key).signal(cutoverReturnedSignal, { reason: 'snap-back' });
  await handle.result();
  return { 'port-failed': handle };
});

export const portStories: readonly Story[] = [
  completed,
  mended,
  cancelledInMargin,
  cancelledInFlight,
  movedAndWithdrawn,
  onDemand,
  givenUp,
  snappedBack,
];
