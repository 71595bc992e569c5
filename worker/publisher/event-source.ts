/** An event as it goes out. */
export interface OutgoingEvent {
  /** The same however often it is sent. */
  readonly id: string;
  /** Position among the events of its subject: they are sent in this order. */
  readonly seq: number;
  readonly type: string;
  /** RFC 3339 UTC; when it happened. */
  readonly at: string;
  /** What the receiver is told; personal data are opened for the moment of sending only. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Where events come from. A source keeps, for each subject, a sequence that is only appended to, and a note of what was appended that
 * nobody has looked at; all else is the publisher's. The timelines are one (timeline-events.ts).
 */
export interface EventSource {
  /** Notes of what was appended, the oldest first; told again until they are forgotten. */
  news(limit: number): Promise<readonly { readonly id: string; readonly subject: string }[]>;
  forgetNews(ids: readonly string[]): Promise<void>;
  /** Calls `listener` when this process appends something; what others append is found by looking. */
  onNews(listener: () => void): void;
  /** Position of the last event that was appended before a moment. */
  positionAt(subject: string, moment: Date): Promise<number>;
  /** The events behind a position, in their order. */
  after(subject: string, seq: number, limit: number): Promise<readonly OutgoingEvent[]>;
}
