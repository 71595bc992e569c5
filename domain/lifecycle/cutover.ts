/** `move`: voice and texts; `stay`: texts remain where they are; `messaging-only`: hosted texts, the number itself stays. */
export type MessagingPlan = 'move' | 'stay' | 'messaging-only';

/** `unknown`: calls had moved, or were moving, when the number was given back; who has them now nobody has said. */
export type VoiceState = 'pending' | 'activating' | 'active' | 'failed' | 'cancelled' | 'unknown';
/** `losing → uncertain → gaining`, and back to `losing` when the move is undone. */
export type MessagingState = 'losing' | 'uncertain' | 'gaining';
/**
 * Whether the number is attached to its campaign at the gaining carrier (10DLC), which is possible only once the number is there.
 * `not-needed`: there is none to attach it to; `failed`: the carrier won't, and a person was asked.
 */
export type CampaignState = 'not-needed' | 'waiting' | 'attached' | 'failed';

/** What proves one cutover, as facts and configuration say now. Decided outside the workflow. */
export interface ProofTerms {
  /** False where calls don't follow the database: toll-free numbers, routing by the donor. Then the carrier's word on voice counts. */
  readonly databaseProves: boolean;
  /** A number of ours on another network can write to this one: then a text in is required as well. */
  readonly probed: boolean;
  readonly campaign: 'not-needed' | 'waiting';
}

/** A refusal to attach the campaign counts so long after voice has moved: until then the carrier may not have the number yet. */
export const campaignPatienceMs = 3600_000;

/** The cutover of one number: voice and messaging apart, because they move apart. */
export interface CutoverState {
  readonly plan: MessagingPlan;
  readonly databaseProves: boolean;
  readonly probed: boolean;
  readonly campaign: CampaignState;
  readonly voice: VoiceState;
  /** RFC 3339 UTC; since when calls go by the gaining carrier, as far as anybody said. */
  readonly voiceActiveAt?: string;
  readonly messaging: MessagingState;
  /** The portability database names one of the gaining carrier's SPIDs; of a number that was given back it is not known any more. */
  readonly databaseNamesGaining: boolean;
  /** A text from the number, sent by the gaining carrier, has reached a handset. */
  readonly outboundProven: boolean;
  /** A text to the number has come in by the gaining carrier, from another network than its own. */
  readonly inboundProven: boolean;
  /** When a text first came in from each network, RFC 3339 UTC: every network keeps its own copy of the routing. */
  readonly inboundByNetwork: Readonly<Record<string, string>>;
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
  | { readonly type: 'terms'; readonly terms: ProofTerms }
  | { readonly type: 'voice'; readonly voice: VoiceState }
  | { readonly type: 'database-names-gaining' }
  | { readonly type: 'outbound-proven' }
  | { readonly type: 'inbound-proven'; readonly byNetwork?: Readonly<Record<string, string>> }
  /** What the carrier says of the number and its campaign. */
  | { readonly type: 'campaign'; readonly answer: 'attached' | 'pending' | 'refused' }
  | { readonly type: 'deadline' }
  /** Snap-back, cancellation or failure: the number stays with the losing carrier. */
  | { readonly type: 'returned' };

/** The strictest reading of what nobody has said yet: nothing is proven without the database. */
const unknownTerms: ProofTerms = { databaseProves: true, probed: false, campaign: 'not-needed' };

export function newCutover(plan: MessagingPlan): CutoverState {
  return {
    plan,
    ...unknownTerms,
    voice: 'pending',
    messaging: 'losing',
    databaseNamesGaining: false,
    outboundProven: false,
    inboundProven: false,
    inboundByNetwork: {},
  };
}

/**
 * What a cutover becomes when something is learnt. Total and monotonic: proof is never taken back but by the return of the number, an ended
 * cutover never changes.
 * The order of events does not matter: each is weighed together with all that is known.
 * @param at RFC 3339 UTC
 */
export function nextCutover(state: CutoverState, event: CutoverEvent, at: string): CutoverState {
  if (state.outcome) return state;
  switch (event.type) {
    case 'margin-reached':
      if (state.plan === 'stay' || state.messaging !== 'losing') return state;
      return { ...state, messaging: 'uncertain', uncertainSince: at };
    case 'terms':
      return settle(withTerms(state, event.terms), at);
    case 'voice':
      return settle(withVoice(state, event.voice, at), at);
    case 'database-names-gaining':
      return settle(
        { ...(state.databaseProves ? withVoice(state, 'active', at) : state), databaseNamesGaining: true },
        at,
      );
    case 'outbound-proven':
      return settle({ ...state, outboundProven: true }, at);
    case 'inbound-proven':
      // The first text of each network counts.
      return settle(
        { ...state, inboundProven: true, inboundByNetwork: { ...event.byNetwork, ...state.inboundByNetwork } },
        at,
      );
    case 'campaign':
      return settle({ ...state, campaign: campaignAfter(state, event.answer, at) }, at);
    case 'deadline':
      return { ...state, escalatedAt: state.escalatedAt ?? at };
    case 'returned':
      // Of a number that had moved it is known already: it was certain since.
      return {
        ...state,
        // What was so before is on its way back, and looked at anew with the number's record (docs/cutover.md, drift).
        voice: state.voice === 'active' || state.voice === 'activating' ? 'unknown' : state.voice,
        voiceActiveAt: undefined,
        databaseNamesGaining: false,
        messaging: 'losing',
        outcome: 'returned',
        uncertainMs: state.uncertainMs ?? uncertainFor(state, at),
      };
  }
}

/** Facts and configuration may change under way; that the campaign has been attached, or won't be, stands. */
function withTerms(state: CutoverState, { campaign, ...terms }: ProofTerms): CutoverState {
  const stands = campaign === 'waiting' && state.campaign !== 'not-needed';
  return { ...state, ...terms, campaign: stands || state.campaign === 'attached' ? state.campaign : campaign };
}

/** Active is the end of voice's way: a late «activating» does not take it back. */
function withVoice(state: CutoverState, voice: VoiceState, at: string): CutoverState {
  if (state.voice === 'active') return state;
  return { ...state, voice, ...(voice === 'active' && { voiceActiveAt: at }) };
}

/** A refusal may be mended and tried again, so `failed` is no end; `attached` is. */
function campaignAfter(state: CutoverState, answer: 'attached' | 'pending' | 'refused', at: string): CampaignState {
  const { campaign } = state;
  // The number of hosted texts is where it was: they are refused from their date on.
  const arrivedAt = state.plan === 'messaging-only' ? state.uncertainSince : state.voiceActiveAt;
  if (campaign === 'not-needed' || campaign === 'attached') return campaign;
  if (answer === 'attached') return 'attached';
  const late = arrivedAt !== undefined && Date.parse(at) - Date.parse(arrivedAt) >= campaignPatienceMs;
  return answer === 'refused' && late ? 'failed' : campaign;
}

/**
 * What proves a cutover depends on the plan. The number's own move: the database, or the carrier's word on voice where the database
 * proves nothing. `move`: that AND a text that went out, and one that came in where a number of ours can write it; `messaging-only`:
 * a text each way; `stay`: the number's move alone. While the number waits for its campaign its texts may be refused by both carriers.
 */
function settle(state: CutoverState, at: string): CutoverState {
  const moved = state.databaseProves ? state.databaseNamesGaining : state.voice === 'active';
  const sends = state.outboundProven && state.campaign !== 'waiting';
  const proven =
    state.plan === 'stay'
      ? moved
      : state.plan === 'move'
        ? moved && sends && (state.inboundProven || !state.probed)
        : sends && state.inboundProven;
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
