/** `move`: voice and texts; `stay`: texts remain where they are; `messaging-only`: hosted texts, the number itself stays. */
export type MessagingPlan = 'move' | 'stay' | 'messaging-only';

export type VoiceState = 'pending' | 'activating' | 'active' | 'failed' | 'cancelled';
/** `losing → uncertain → gaining`, and back to `losing` when the move is undone. */
export type MessagingState = 'losing' | 'uncertain' | 'gaining';

/** The cutover of one number: voice and messaging apart, because they move apart. */
export interface CutoverState {
  readonly plan: MessagingPlan;
  readonly voice: VoiceState;
  readonly messaging: MessagingState;
  /** The portability database names one of the gaining carrier's SPIDs. */
  readonly databaseNamesGaining: boolean;
  /** A text from the number, sent by the gaining carrier, has reached a handset. */
  readonly outboundProven: boolean;
  /** A text to the number has come in by the gaining carrier, from another network than its own. */
  readonly inboundProven: boolean;
  /** RFC 3339 UTC. */
  readonly uncertainSince?: string;
  /** How long nobody could say who routes the number's texts, in milliseconds. */
  readonly uncertainMs?: number;
  /** No proof came by the deadline and a person was asked. */
  readonly escalatedAt?: string;
  readonly outcome?: 'ported' | 'returned';
}

export type CutoverEvent =
  | { readonly type: 'margin-reached' }
  | { readonly type: 'voice'; readonly voice: VoiceState }
  | { readonly type: 'database-names-gaining' }
  | { readonly type: 'outbound-proven' }
  | { readonly type: 'inbound-proven' }
  | { readonly type: 'deadline' }
  /** Snap-back, cancellation or failure: the number stays with the losing carrier. */
  | { readonly type: 'returned' };

export function newCutover(plan: MessagingPlan): CutoverState {
  return {
    plan,
    voice: 'pending',
    messaging: 'losing',
    databaseNamesGaining: false,
    outboundProven: false,
    inboundProven: false,
  };
}

/**
 * What a cutover becomes when something is learnt. Total and monotonic: proof is never taken back, an ended cutover never changes.
 * The order of events does not matter: each is weighed together with all that is known.
 * @param at RFC 3339 UTC
 */
export function nextCutover(state: CutoverState, event: CutoverEvent, at: string): CutoverState {
  if (state.outcome) return state;
  switch (event.type) {
    case 'margin-reached':
      if (state.plan === 'stay' || state.messaging !== 'losing') return state;
      return { ...state, messaging: 'uncertain', uncertainSince: at };
    case 'voice':
      // Active is the end of voice's way: a late «activating» does not take it back.
      return settle({ ...state, voice: state.voice === 'active' ? 'active' : event.voice }, at);
    case 'database-names-gaining':
      return settle({ ...state, databaseNamesGaining: true, voice: 'active' }, at);
    case 'outbound-proven':
      return settle({ ...state, outboundProven: true }, at);
    case 'inbound-proven':
      return settle({ ...state, inboundProven: true }, at);
    case 'deadline':
      return { ...state, escalatedAt: state.escalatedAt ?? at };
    case 'returned':
      return { ...state, messaging: 'losing', outcome: 'returned', uncertainMs: uncertainFor(state, at) };
  }
}

/**
 * What proves a cutover depends on the plan: `move` the database AND a text that arrived, `messaging-only` a text, the database is
 * ignored, `stay` the database alone. A text out is required; a text in is recorded as proven or unproven.
 */
function settle(state: CutoverState, at: string): CutoverState {
  const proven =
    state.plan === 'stay'
      ? state.databaseNamesGaining
      : state.plan === 'move'
        ? state.databaseNamesGaining && state.outboundProven
        : state.outboundProven && state.inboundProven;
  if (!proven) return state;
  return {
    ...state,
    messaging: state.plan === 'stay' ? 'losing' : 'gaining',
    outcome: 'ported',
    uncertainMs: uncertainFor(state, at),
  };
}

function uncertainFor(state: CutoverState, at: string): number {
  return state.uncertainSince ? Math.max(0, Date.parse(at) - Date.parse(state.uncertainSince)) : 0;
}
