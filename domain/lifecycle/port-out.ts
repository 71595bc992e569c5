/** The states of a port-out: another carrier asks for numbers of ours. It ends `rejected`, `cancelled` or `ported`. */
export const portOutStatuses = [
  'checking',
  'awaiting-decision',
  'answering',
  'rejecting',
  'authorized',
  'rejected',
  'cancelled',
  'ported',
] as const;
export type PortOutStatus = (typeof portOutStatuses)[number];

const finalPortOutStatuses = ['rejected', 'cancelled', 'ported'] as const;

export function isFinalPortOut(status: PortOutStatus): boolean {
  return (finalPortOutStatuses as readonly string[]).includes(status);
}

/** A carrier's state of a port-out in our terms; every adapter maps its own ones to these, in data. */
export type CarrierPortOutState =
  | 'pending'
  | 'authorized'
  | 'rejecting'
  | 'rejected'
  | 'cancelled'
  | 'ported'
  | 'unknown';

export interface PortOutView {
  readonly state: CarrierPortOutState;
  readonly carrierState: string;
  /** RFC 3339 UTC; the agreed date. */
  readonly focAt?: string;
}

/** What is answered to the carrier that asks; `code` is one that is eligible for this port-out at our carrier. */
export type PortOutAnswer = { readonly decision: 'authorize' } | { readonly decision: 'reject'; readonly code: string };

/** Who gave the answer: the rules, a person, or the default when nobody decided in time. */
export type DecidedBy = 'rules' | 'caller' | 'deadline';

/** What the check proposes: an answer, or that a person decides, with what is answered when nobody does. */
export type PortOutProposal = PortOutAnswer | { readonly decision: 'ask'; readonly fallback?: PortOutAnswer };

/** The moments of one port-out, RFC 3339 UTC: facts, asked in an activity. */
export interface PortOutClocks {
  /** From then on the carrier takes silence for approval. */
  readonly answerDueAt: string;
  /** When the default is answered, unless a person has decided; before `answerDueAt`. */
  readonly decideBy: string;
}

export interface PortOutProblem {
  readonly code: string;
  readonly message: string;
}

export interface PortOutState {
  readonly status: PortOutStatus;
  /** RFC 3339 UTC; when this status began. */
  readonly since: string;
  readonly clocks: PortOutClocks;
  /** When it is looked at again at the latest, RFC 3339 UTC; absent only at the end. */
  readonly dueAt?: string;
  readonly carrierState: string;
  readonly focAt?: string;
  /** Codes of what the check found (domain/facts/port-out-findings.json). */
  readonly findings: readonly string[];
  /** The rejection codes that the carrier takes for this port-out. */
  readonly eligible: readonly string[];
  readonly fallback?: PortOutAnswer;
  readonly answer?: PortOutAnswer & { readonly by: DecidedBy };
  /** The carrier took our silence, or an answer of somebody else, for approval. */
  readonly approvedWithoutUs: boolean;
  readonly problems: readonly PortOutProblem[];
}

export type PortOutEvent =
  | {
      readonly type: 'checked';
      readonly findings: readonly string[];
      readonly eligible: readonly string[];
      readonly proposal: PortOutProposal;
    }
  | { readonly type: 'decided'; readonly answer: PortOutAnswer }
  /** Our carrier said no to the answer. */
  | { readonly type: 'answer-refused'; readonly problem: PortOutProblem }
  /** The check could not be made, or the answer not be sent: it is tried again. */
  | { readonly type: 'delayed' }
  | { readonly type: 'carrier'; readonly view: PortOutView }
  /** `dueAt` has come. */
  | { readonly type: 'due' };

const minute = 60_000;
/** A check that failed, or an answer that has not reached the carrier, is tried again after this long, in milliseconds. */
const tryAgainMs = 5 * minute;
/** Without news the carrier is asked again after this long, in milliseconds. */
const lookAgainMs = 60 * minute;
/** A date or a rejection that the carrier has not acted on for this long is raised, in milliseconds. */
const overdueMs = 24 * 60 * minute;

/** @param at RFC 3339 UTC, when it was first seen */
export function newPortOut(view: PortOutView, clocks: PortOutClocks, at: string): PortOutState {
  const state: PortOutState = {
    status: 'checking',
    since: at,
    clocks,
    carrierState: view.carrierState,
    findings: [],
    eligible: [],
    approvedWithoutUs: false,
    problems: [],
  };
  return nextPortOut(timed(state, at), { type: 'carrier', view }, at);
}

/** A person decides while a decision is open, and only then. */
export function canDecide(state: PortOutState): boolean {
  return state.status === 'awaiting-decision';
}

/** The check is due: it has not been made, or failed until a person had to be asked. */
export function needsCheck(state: PortOutState): boolean {
  return state.status === 'checking' || (canDecide(state) && has(state, notChecked));
}

/**
 * The life of a port-out. Total: an event that means nothing in a state leaves it as it is, and a final state never changes,
 * whatever arrives late, twice or out of order. Until then it always has a moment at which it is looked at again.
 * @param at RFC 3339 UTC, when the event was seen
 */
export function nextPortOut(state: PortOutState, event: PortOutEvent, at: string): PortOutState {
  if (isFinalPortOut(state.status)) return state;
  switch (event.type) {
    case 'checked': {
      if (!needsCheck(state)) return state;
      const { findings, eligible, proposal } = event;
      const checked = { ...state, findings, eligible, problems: without(state, notChecked, delayed) };
      // Too late for the rules to answer by themselves: a person was asked already.
      if (state.status === 'awaiting-decision') {
        return timed({ ...checked, fallback: proposal.decision === 'ask' ? proposal.fallback : proposal }, at);
      }
      if (proposal.decision === 'ask') {
        return to(checked, 'awaiting-decision', at, { fallback: proposal.fallback });
      }
      // What the carrier calls by an unknown word is answered by a person only; the proposal is what happens if none does.
      return has(state, unknownState)
        ? to(checked, 'awaiting-decision', at, { fallback: proposal })
        : to(checked, 'answering', at, { answer: { ...proposal, by: 'rules' } });
    }
    case 'decided':
      return canDecide(state) ? answered(state, event.answer, 'caller', at) : state;
    case 'answer-refused':
      if (state.status !== 'answering') return state;
      return to(state, 'awaiting-decision', at, { answer: undefined, problems: [event.problem] });
    case 'delayed':
      return { ...state, problems: withProblem(state, delayed) };
    case 'due':
      return state.dueAt !== undefined && at >= state.dueAt ? due(state, at) : state;
    case 'carrier':
      return followCarrier(state, event.view, at);
  }
}

/** Describes what a port-out waits for; undefined when it has ended. */
export function portOutWaiting(
  state: PortOutState,
): { what: string; since: string; until: string; next: string } | undefined {
  const { status, since, clocks, dueAt } = state;
  if (dueAt === undefined) return undefined;
  const silence = `silence counts as approval at ${clocks.answerDueAt}`;
  switch (status) {
    case 'checking':
      return { what: 'the check of account, PIN and locks', since, until: clocks.answerDueAt, next: silence };
    case 'awaiting-decision':
      return {
        what: 'a person to authorize or reject it',
        since,
        until: state.fallback ? clocks.decideBy : clocks.answerDueAt,
        next: state.fallback ? `${defaultAnswer(state.fallback)}, for ${silence}` : silence,
      };
    case 'answering':
      return { what: 'the carrier to take the answer', since, until: clocks.answerDueAt, next: silence };
    case 'rejecting':
      return { what: 'the carrier to accept the rejection', since, until: dueAt, next: 'the carrier is asked again' };
    case 'authorized':
      return {
        what: 'the numbers to leave',
        since,
        until: dueAt,
        next: dueAt === state.focAt ? 'texts over the numbers stop' : 'the carrier is asked again',
      };
    case 'rejected':
    case 'cancelled':
    case 'ported':
      return undefined;
  }
}

function defaultAnswer(answer: PortOutAnswer): string {
  return answer.decision === 'reject' ? `it is rejected with code ${answer.code}` : 'it is authorized';
}

function answered(state: PortOutState, answer: PortOutAnswer, by: DecidedBy, at: string): PortOutState {
  return to(state, 'answering', at, { answer: { ...answer, by }, fallback: undefined, problems: [] });
}

function due(state: PortOutState, at: string): PortOutState {
  const overdue = Date.parse(at) - Date.parse(state.focAt ?? state.since) >= overdueMs;
  switch (state.status) {
    case 'checking':
      return at < state.clocks.decideBy
        ? timed(state, at)
        : to(state, 'awaiting-decision', at, { problems: withProblem(state, notChecked) });
    case 'awaiting-decision':
      if (state.fallback && at >= state.clocks.decideBy) return answered(state, state.fallback, 'deadline', at);
      return timed({ ...state, problems: withProblem(state, undecided) }, at);
    case 'rejecting':
    case 'authorized':
      return timed({ ...state, ...(overdue && { problems: withProblem(state, carrierOverdue) }) }, at);
    default:
      return timed(state, at);
  }
}

/** The carrier's view is read anew each time, so an older one never arrives; what it means depends on where the port-out is. */
function followCarrier(before: PortOutState, view: PortOutView, at: string): PortOutState {
  const moved = view.focAt !== undefined && view.focAt !== before.focAt;
  const known = { ...before, problems: without(before, unknownState) };
  const seen: PortOutState = { ...known, carrierState: view.carrierState, ...(view.focAt && { focAt: view.focAt }) };
  switch (view.state) {
    case 'pending':
      // Our rejection was looked at and not accepted: a person has to give another answer.
      return before.status === 'rejecting'
        ? to(seen, 'awaiting-decision', at, { answer: undefined, problems: [notAccepted] })
        : seen;
    case 'authorized': {
      if (before.status === 'authorized') return moved ? timed(seen, at) : seen;
      const approvedWithoutUs = before.answer?.decision !== 'authorize';
      return to(seen, 'authorized', at, { fallback: undefined, problems: [], approvedWithoutUs });
    }
    case 'rejecting':
      return to(seen, 'rejecting', at, {
        fallback: undefined,
        problems: before.status === 'rejecting' ? seen.problems : [],
      });
    case 'rejected':
    case 'cancelled':
    case 'ported':
      return to(seen, view.state, at, {
        fallback: undefined,
        problems: [],
        ...(view.state === 'ported' && {
          approvedWithoutUs: before.approvedWithoutUs || before.answer?.decision !== 'authorize',
        }),
      });
    case 'unknown': {
      const puzzled = { ...seen, problems: withProblem(seen, unknownState) };
      return before.status === 'answering' ? to(puzzled, 'awaiting-decision', at, { answer: undefined }) : puzzled;
    }
  }
}

function to(state: PortOutState, status: PortOutStatus, at: string, change: Partial<PortOutState> = {}): PortOutState {
  const changed = { ...state, ...change, status, since: status === state.status ? state.since : at };
  return status === state.status ? changed : timed(changed, at);
}

/** Sets when it is looked at again. */
function timed(state: PortOutState, at: string): PortOutState {
  const after = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
  const soonest = (...moments: (string | undefined)[]) =>
    moments.filter((each) => each !== undefined && each > at).sort()[0] ?? after(lookAgainMs);
  const { decideBy, answerDueAt } = state.clocks;
  switch (state.status) {
    case 'checking':
      return { ...state, dueAt: soonest(decideBy, after(tryAgainMs)) };
    case 'awaiting-decision':
      if (state.fallback && decideBy <= at) return { ...state, dueAt: at };
      return { ...state, dueAt: soonest(decideBy, answerDueAt) };
    case 'answering':
      return { ...state, dueAt: after(tryAgainMs) };
    case 'rejecting':
      return { ...state, dueAt: after(lookAgainMs) };
    case 'authorized':
      return { ...state, dueAt: soonest(state.focAt) };
    default:
      return { ...state, dueAt: undefined };
  }
}

function has(state: PortOutState, { code }: PortOutProblem): boolean {
  return state.problems.some((problem) => problem.code === code);
}

function without(state: PortOutState, ...problems: readonly PortOutProblem[]): readonly PortOutProblem[] {
  return state.problems.filter(({ code }) => !problems.some((problem) => problem.code === code));
}

function withProblem(state: PortOutState, problem: PortOutProblem): readonly PortOutProblem[] {
  return has(state, problem) ? state.problems : [...state.problems, problem];
}

const unknownState = {
  code: 'unknown-carrier-state',
  message: 'The carrier calls its state by a word that we do not know: read it, and decide yourself.',
};
const notChecked = {
  code: 'not-checked',
  message: 'Account, PIN and locks could not be checked in time: decide yourself.',
};
const delayed = {
  code: 'delayed',
  message: 'The check could not be made, or the carrier not be reached: it is tried again every few minutes.',
};
const undecided = {
  code: 'undecided',
  message: 'Nobody has decided, and there is nothing to answer by default: without an answer the carrier approves it.',
};
const notAccepted = {
  code: 'rejection-not-accepted',
  message: 'The carrier did not accept the reason of the rejection: authorize it, or reject it with another reason.',
};
const carrierOverdue = {
  code: 'carrier-overdue',
  message: 'The carrier has not acted for a day: ask its porting desk.',
};
