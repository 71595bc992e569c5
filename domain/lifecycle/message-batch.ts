/**
 * Life of a bulk of texts: `uploading` its lines come in, nothing is sent → `sending` ⇄ `paused` its texts are given to message workflows,
 * some thousands at a time → `finishing` all have been given, not all are final → `completed`. `cancelling` → `cancelled` when its owner
 * stops it; `expired` is an upload that never came to its end.
 */
export const batchStatuses = [
  'uploading',
  'sending',
  'paused',
  'finishing',
  'completed',
  'cancelling',
  'cancelled',
  'expired',
] as const;
export type BatchStatus = (typeof batchStatuses)[number];

export interface BatchState {
  readonly status: BatchStatus;
  /** RFC 3339 UTC. */
  readonly since: string;
}

/** `fed`: every text has been given to a message workflow; `settled`: every text is final. */
export type BatchEvent = 'paused' | 'resumed' | 'cancelled' | 'fed' | 'settled';

export type BatchAction = 'pause' | 'resume' | 'cancel';

const transitions: Readonly<Record<BatchEvent, Partial<Record<BatchStatus, BatchStatus>>>> = {
  paused: { sending: 'paused' },
  resumed: { paused: 'sending' },
  cancelled: { sending: 'cancelling', paused: 'cancelling', finishing: 'cancelling' },
  fed: { sending: 'finishing', paused: 'finishing' },
  settled: { finishing: 'completed', cancelling: 'cancelled' },
};

const eventOf: Readonly<Record<BatchAction, BatchEvent>> = {
  pause: 'paused',
  resume: 'resumed',
  cancel: 'cancelled',
};

/** A bulk whose upload has come to its end. */
export function newBatch(now: string): BatchState {
  return { status: 'sending', since: now };
}

/** What an event makes of a bulk; the same state where it changes nothing. */
export function nextBatch(state: BatchState, event: BatchEvent, now: string): BatchState {
  const status = transitions[event][state.status];
  return status === undefined ? state : { status, since: now };
}

/** What a person's action makes of a bulk: to repeat one is harmless. */
export function actOnBatch(state: BatchState, action: BatchAction, now: string): BatchState {
  return nextBatch(state, eventOf[action], now);
}

/** The states that an action leads to: there it has happened already. */
const done: Readonly<Record<BatchAction, readonly BatchStatus[]>> = {
  pause: ['paused'],
  resume: ['sending'],
  cancel: ['cancelling', 'cancelled'],
};

/** Why an action can't be done now, as a code that the API knows; undefined when it can, or has been. */
export function refusalOfAction(state: BatchState, action: BatchAction): string | undefined {
  if (done[action].includes(state.status) || transitions[eventOf[action]][state.status] !== undefined) return undefined;
  return `message-batch-not-${action === 'pause' ? 'pausable' : action === 'resume' ? 'resumable' : 'cancellable'}`;
}
