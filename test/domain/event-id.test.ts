import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventId, placeOfEvent } from '../../domain/event-id.ts';

it('leads back to the record, whatever the subject is called', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]+_[0-9a-z_/-]{1,40}$/), fc.integer({ min: 1, max: 1e9 }), (subject, seq) => {
      expect(placeOfEvent(eventId(subject, seq))).toEqual({ subject, seq });
    }),
  );
});

it.each(['', 'evt_port_1_', 'evt_port_1_0', 'evt_5', 'port_1_5', '2027-01-01T00:00:00Z'])(
  '%s is no id of ours',
  (id) => {
    expect(placeOfEvent(id)).toBeUndefined();
  },
);
