import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinalOrder } from '../../../domain/lifecycle/order.ts';
import {
  canCancelRemoval,
  newRemoval,
  nextRemoval,
  type RemovalEvent,
  type RemovalState,
  waitingOfRemoval,
} from '../../../domain/lifecycle/text-removal.ts';

const at = '2026-06-01T12:00:00.000Z';
const problem = { code: 'texts-not-hosted', message: 'Not hosted.' };
const events: Record<string, RemovalEvent> = {
  ok: { type: 'checked', problems: [] },
  bad: { type: 'checked', problems: [problem] },
  cancel: { type: 'cancel-requested' },
  asked: { type: 'asked' },
  stopped: { type: 'stopped' },
  refused: { type: 'stopped', refused: problem },
  all: { type: 'settled', failed: 0 },
  some: { type: 'settled', failed: 1 },
};
const stateOf = (status: RemovalState['status']): RemovalState => ({ ...newRemoval(at), status });

describe('the removal of texts', () => {
  it.each([
    ['checking', { bad: 'failed', cancel: 'cancelled', asked: 'submitted' }],
    ['submitted', { stopped: 'activating', refused: 'activating' }],
    ['activating', { all: 'completed', some: 'failed' }],
    ['completed', {}],
    ['cancelled', {}],
    ['failed', {}],
  ] as const)('%s', (status, becomes: Record<string, string>) => {
    for (const [name, event] of Object.entries(events)) {
      expect(nextRemoval(stateOf(status), event, at).status, name).toBe(becomes[name] ?? status);
    }
  });

  it('keeps why the carrier would not let some go', () => {
    const refused = nextRemoval(stateOf('submitted'), events.refused as RemovalEvent, at);
    const { problems } = nextRemoval(refused, events.some as RemovalEvent, at);
    expect(problems.map(({ code }) => code)).toEqual(['texts-not-hosted', 'numbers-failed']);
  });

  it('never leaves a final state, shows what it waits for in every other, and is cancelled only before the carrier is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(events)), { maxLength: 20 }), (sequence) => {
        let state = newRemoval(at);
        for (const event of sequence) {
          const before = state;
          state = nextRemoval(state, event, at);
          if (isFinalOrder(before.status)) expect(state).toBe(before);
          expect(waitingOfRemoval(state, 1000) === undefined).toBe(isFinalOrder(state.status));
          expect(canCancelRemoval(state)).toBe(state.status === 'checking');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
