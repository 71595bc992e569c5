/** A kind of step in a timeline, and so an event that goes out. */
export interface EventType {
  /** `order.*` stands for each status of an order. */
  readonly type: string;
  readonly means: string;
}

/**
 * The kinds of steps. Receivers choose by the beginning (`order.`, `number.ported`), and pass over what they don't know: new
 * kinds are added without notice. docs/events.md shows this list.
 */
export const eventTypes: readonly EventType[] = [
  { type: 'port.requested', means: 'A port was requested.' },
  { type: 'order.draft', means: 'The order is being written: complete it.' },
  { type: 'order.checking', means: 'The order is being checked before it is submitted.' },
  { type: 'order.action-required', means: 'The order waits for data: supplement it.' },
  { type: 'order.submitted', means: 'The order is with the carrier.' },
  {
    type: 'order.exception',
    means: 'The losing carrier has refused it for now: mend what it says, and supplement it.',
  },
  { type: 'order.foc-confirmed', means: 'A date is agreed (FOC).' },
  { type: 'order.activating', means: 'The numbers are moving.' },
  { type: 'order.completed', means: 'Every number has moved, with proof.' },
  { type: 'order.cancel-pending', means: 'A cancellation was asked of the carrier.' },
  { type: 'order.cancelled', means: 'The order is cancelled.' },
  { type: 'order.failed', means: 'The order has failed.' },
  { type: 'order.news', means: 'The carrier says that something changed; what, is read and told by the next event.' },
  { type: 'order.supplemented', means: 'A caller has mended the request.' },
  { type: 'order.cancel-requested', means: 'A caller wants it cancelled.' },
  { type: 'order.activation-requested', means: 'A caller wants it activated now.' },
  { type: 'order.refused', means: 'The carrier has refused what was asked of it.' },
  { type: 'order.overdue', means: 'An answer is overdue.' },
  { type: 'order.escalated', means: 'A deadline has passed: the carrier was reminded, and a person has to look.' },
  { type: 'number.uncertain', means: 'Nobody can say who routes the number’s texts: they wait for proof.' },
  { type: 'number.losing', means: 'The number’s texts go by the losing carrier again.' },
  { type: 'number.gaining', means: 'The number’s texts go by the gaining carrier.' },
  { type: 'number.voice-activating', means: 'Calls are moving.' },
  { type: 'number.voice-active', means: 'Calls have moved.' },
  { type: 'number.voice-failed', means: 'Calls could not be moved.' },
  { type: 'number.voice-cancelled', means: 'Calls stay where they are.' },
  { type: 'number.database-proof', means: 'The portability database names the gaining carrier.' },
  { type: 'number.outbound-proof', means: 'A text sent by the gaining carrier has reached a handset.' },
  { type: 'number.inbound-proof', means: 'A text to the number has come in by the gaining carrier.' },
  { type: 'number.proof-overdue', means: 'No proof by the deadline: a person has to look at both carriers.' },
  { type: 'number.ported', means: 'The number has moved, with its texts.' },
  { type: 'number.returned', means: 'The number is back at the losing carrier.' },
];
