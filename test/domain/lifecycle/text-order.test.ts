import { describe, expect, it } from 'vitest';
import { type CarrierView, newOrder, nextOrder, type OrderState } from '../../../domain/lifecycle/order.ts';
import { refusalOf } from '../../../domain/lifecycle/order-actions.ts';
import { waitingOf } from '../../../domain/lifecycle/waiting.ts';

const at = '2026-06-01T12:00:00.000Z';
const missing = { code: 'LOA_MISSING', message: 'The letter is missing.', field: 'documents' };

const says = (order: OrderState, state: CarrierView['state'], rejections: CarrierView['rejections'] = []) =>
  nextOrder(order, { type: 'carrier', view: { state, carrierState: `raw-${state}`, rejections } }, at);

describe('an order for texts alone', () => {
  it('waits for a person where the carrier has it and lacks a paper, and goes on when it has been mended', () => {
    const waiting = says(newOrder(at), 'draft', [missing]);
    expect(waiting).toMatchObject({ status: 'action-required', problems: [missing], carrierState: 'raw-draft' });
    const mended = nextOrder(waiting, { type: 'supplemented' }, at);
    expect(says(mended, 'submitted')).toMatchObject({ status: 'submitted', problems: [] });
  });

  it('is at the carrier with a draft that lacks nothing', () => {
    expect(says(newOrder(at), 'draft').status).toBe('submitted');
  });

  it('is activating, with no date, while the carrier changes who routes the texts; the end is told apart', () => {
    const provisioning = says(says(newOrder(at), 'submitted'), 'provisioning');
    expect(provisioning).toMatchObject({ status: 'activating', ported: false });
    expect(provisioning.focAt).toBeUndefined();
    expect(refusalOf('cancel', provisioning, 'automatic', at)).toBeUndefined();
    expect(says(provisioning, 'exception', [missing])).toMatchObject({ status: 'exception', problems: [missing] });
    expect(says(provisioning, 'ported')).toMatchObject({ status: 'activating', ported: true });
  });

  it('keeps waiting for a cancellation that has been asked for', () => {
    const cancelling = nextOrder(says(newOrder(at), 'submitted'), { type: 'cancel-requested' }, at);
    expect(says(cancelling, 'provisioning').status).toBe('cancel-pending');
  });

  it('never goes back once it has ended', () => {
    const ended = nextOrder(says(newOrder(at), 'ported'), { type: 'numbers-settled', failed: 0 }, at);
    expect(ended.status).toBe('completed');
    for (const state of ['draft', 'provisioning', 'exception'] as const) expect(says(ended, state)).toBe(ended);
  });

  it('says that it waits for a review, for its texts to be moved, and for their proof', () => {
    const terms = { messagingPlan: 'messaging-only', proofDeadlineMs: 3600_000 } as const;
    const submitted = says(newOrder(at), 'submitted');
    const provisioning = says(submitted, 'provisioning');
    const waits = [submitted, provisioning, says(provisioning, 'ported')].map((order) => waitingOf(order, terms, at));
    expect(waits.map((wait) => wait?.what)).toEqual([
      expect.stringContaining('papers'),
      expect.stringContaining('texts'),
      expect.stringContaining('proof'),
    ]);
    expect(waits.map((wait) => wait?.until)).toEqual([
      '2026-06-06T12:00:00.000Z',
      '2026-06-03T12:00:00.000Z',
      '2026-06-01T13:00:00.000Z',
    ]);
  });
});
