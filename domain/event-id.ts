/**
 * The id of an outgoing event derives from its place in a timeline, so that it is the same however often it is sent, and leads back to
 * the record. Sent as `webhook-id`, in which Standard Webhooks allow no full stop.
 */
export function eventId(subject: string, seq: number): string {
  return `evt_${subject}_${seq}`;
}

/** @returns the place of an event; undefined when it is no id of ours */
export function placeOfEvent(id: string): { readonly subject: string; readonly seq: number } | undefined {
  const [, subject, seq] = /^evt_(.+)_([1-9]\d{0,11})$/.exec(id) ?? [];
  return subject === undefined ? undefined : { subject, seq: Number(seq) };
}
