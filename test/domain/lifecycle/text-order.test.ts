import { describe, expect, it } from 'vitest';
import { type CarrierView, canCancel, newOrder, nextOrder, type OrderState } from '../../../domain/lifecycle/order.ts';

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
    expect(canCancel(provisioning)).toBe(true);
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
});
