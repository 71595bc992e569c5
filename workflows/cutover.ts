import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CutoverActivities, Step } from '../activities/interfaces.ts';
import { type CutoverEvent, type CutoverState, newCutover, nextCutover } from '../domain/lifecycle/cutover.ts';
import {
  type CutoverInput,
  cutoverEndedSignal,
  cutoverNewsSignal,
  cutoverRescheduledSignal,
  cutoverReturnedSignal,
  cutoverStateQuery,
  workflowIds,
} from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { isLong } from './long-history.ts';
import { tell } from './tell.ts';
import { msUntil, nowIso } from './time.ts';

// Asks the database, and the carrier for the campaign.
const { assess } = proxyActivities<CutoverActivities>({
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});
// Local: what asks nobody outside costs one event instead of six, in each of up to 20,000 cutovers of a plan, and may run twice.
const {
  tellChecklist,
  beginUncertainty,
  assess: assessByStore,
  settleNumber,
  projectCutover,
} = proxyLocalActivities<CutoverActivities>({
  startToCloseTimeout: '15 seconds',
  // While the store is away a timer waits for it: a task that is kept open for that would cost events all the time.
  localRetryThreshold: '5 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** A database is asked densely at first and ever more rarely afterwards; news wake the workflow at once. Milliseconds. */
const firstPauseMs = 2000;
const longestPauseMs = 10 * 60_000;
/** Once a person has been asked to look. */
const overduePauseMs = 3600_000;

/**
 * The cutover of one number. Its texts wait from a margin before the agreed date on, until there is proof that the gaining carrier
 * routes them; or until the move is undone. Without proof by the deadline a person is asked: nothing is guessed.
 */
export async function cutoverWorkflow(input: CutoverInput): Promise<CutoverState> {
  const { portId, numberKey } = input;
  let dates = { uncertainFrom: input.uncertainFrom, focAt: input.focAt };
  let state = input.state ?? newCutover(input.plan);
  let returned = input.returned;
  let news = input.news ?? false;
  let textsMoved = input.textsMoved ?? false;
  const log = new StepLog(input);
  const apply = (event: CutoverEvent) => {
    const before = state;
    state = nextCutover(state, event, nowIso());
    log.note(before, state);
  };

  setHandler(cutoverStateQuery, () => state);
  setHandler(cutoverNewsSignal, ({ voice, textsMoved: moved }) => {
    const known = { voice: state.voice, textsMoved };
    if (voice) apply({ type: 'voice', voice });
    textsMoved ||= moved ?? false;
    // What the carrier says and the database has said before is no reason to look again.
    const said = voice !== undefined || moved !== undefined;
    news ||= !said || state.voice !== known.voice || textsMoved !== known.textsMoved;
  });
  setHandler(cutoverReturnedSignal, ({ reason }) => {
    returned = reason;
  });
  setHandler(cutoverRescheduledSignal, (changed) => {
    dates = changed;
  });

  /** Voice does not always wait for the agreed date. */
  const voiceMoves = () => state.voice === 'activating' || state.voice === 'active';

  // Until the margin before the agreed date: texts go on as before.
  while (returned === undefined && !voiceMoves() && msUntil(dates.uncertainFrom) > 1) {
    const { uncertainFrom } = dates;
    setCurrentDetails(`Texts go by the losing carrier until ${uncertainFrom}, then they wait for proof.`);
    await condition(
      () => returned !== undefined || voiceMoves() || dates.uncertainFrom !== uncertainFrom,
      msUntil(uncertainFrom),
      { summary: 'the margin before the agreed date' },
    );
  }

  // Uncertain: texts wait.
  const begins = returned === undefined && !input.steps;
  if (begins && input.plan !== 'stay') {
    apply({ type: 'margin-reached' });
    await beginUncertainty({ ...input, ...dates });
  }
  if (begins) await tellChecklist({ portId, focAt: dates.focAt });
  await log.flush(state);

  let pauseMs = firstPauseMs;
  let nextProbeMs: number | undefined;
  while (state.outcome === undefined) {
    const deadline = new Date(Date.parse(dates.focAt) + input.proofDeadlineMs).toISOString();
    const overdue = Date.now() >= Date.parse(deadline);
    if (overdue) apply({ type: 'deadline' });
    setCurrentDetails(describe(state, deadline));
    // Before the agreed date the database has nothing new to say; afterwards it is asked ever more rarely.
    const ahead = !voiceMoves() && Date.now() < Date.parse(dates.focAt);
    const awaited = dates;
    const longest = overdue ? overduePauseMs : longestPauseMs;
    const lookMs = ahead ? msUntil(dates.focAt) : Math.min(longest, nextProbeMs ?? pauseMs);
    await condition(() => news || returned !== undefined || dates !== awaited, lookMs, {
      summary: ahead ? 'the agreed date' : 'the next look for proof',
    });
    pauseMs = ahead ? firstPauseMs : Math.min(longest, Math.round(pauseMs * 1.5));
    news = false;
    if (returned !== undefined) {
      apply({ type: 'returned' });
    } else {
      const look = asksOutside(state) ? assess : assessByStore;
      const findings = await look({
        portId,
        numberKey,
        plan: input.plan,
        gainingCarrier: input.gainingCarrier,
        moved: state.voice === 'active' || (input.plan === 'messaging-only' && textsMoved),
        databaseNamedGaining: state.databaseNamesGaining,
        campaign: state.campaign,
      });
      if (findings.terms) apply({ type: 'terms', terms: findings.terms });
      if (findings.campaign) apply({ type: 'campaign', answer: findings.campaign });
      if (findings.inboundProven) apply({ type: 'inbound-proven', byNetwork: findings.inboundByNetwork });
      if (findings.databaseNamesGaining) apply({ type: 'database-names-gaining' });
      if (findings.outboundProven) apply({ type: 'outbound-proven' });
      nextProbeMs = findings.nextProbeMs;
    }
    await log.flush(state);
    if (isLong() && state.outcome === undefined && returned === undefined) {
      await continueAsNew<typeof cutoverWorkflow>({ ...input, ...dates, state, steps: log.position, textsMoved, news });
    }
  }

  const { plan, gainingCarrier, losingCarrier } = input;
  await settleNumber({ portId, numberKey, outcome: state.outcome, plan, gainingCarrier, losingCarrier });
  setCurrentDetails(describe(state));
  await tell(getExternalWorkflowHandle(workflowIds.port(portId)), cutoverEndedSignal, {
    numberKey,
    state,
    ...(input.begun !== undefined && { begun: input.begun }),
  });
  return state;
}

/** Once the database has named the gaining carrier it isn't asked any more; the carrier is, until the number is attached to its campaign. */
function asksOutside({ databaseNamesGaining, campaign }: CutoverState): boolean {
  return !databaseNamesGaining || campaign === 'waiting' || campaign === 'failed';
}

function describe(state: CutoverState, deadline?: string): string {
  if (state.outcome) return `The number is ${state.outcome === 'ported' ? 'ported' : 'back at the losing carrier'}.`;
  return [
    `Voice: **${state.voice}**. Texts: **${state.messaging}**${state.uncertainSince ? ` since ${state.uncertainSince}` : ''}.`,
    `Database names the gaining carrier: ${state.databaseNamesGaining ? 'yes' : 'not yet'}.`,
    `A text out: ${state.outboundProven ? 'proven' : 'unproven'}. A text in: ${state.inboundProven ? 'proven' : 'unproven'}.`,
    ...(state.campaign === 'not-needed' ? [] : [`Campaign: ${state.campaign}.`]),
    state.escalatedAt ? `No proof by ${deadline}: a person has to look.` : `Proof is due by ${deadline}.`,
  ].join('\n\n');
}

/** Collects what changed as steps for the timeline and writes them with the state, in one local activity. */
class StepLog {
  private readonly portId: string;
  private readonly numberKey: string;
  /** A number may be cut over more than once in a port, when a date is withdrawn: each time has a chain of its own. */
  private readonly chain: string;
  private written: number;
  private steps: Step[] = [];

  constructor(input: CutoverInput) {
    this.portId = input.portId;
    this.numberKey = input.numberKey;
    this.chain = input.steps?.chain ?? workflowInfo().runId;
    this.written = input.steps?.written ?? 0;
  }

  /** Where the chain stands; carried through continue-as-new. */
  get position(): NonNullable<CutoverInput['steps']> {
    return { chain: this.chain, written: this.written };
  }

  note(before: CutoverState, after: CutoverState): void {
    if (before.messaging !== after.messaging) this.add(`number.${after.messaging}`, messagingDetail[after.messaging]);
    if (before.voice !== after.voice) this.add(`number.voice-${after.voice}`, `Voice is ${after.voice}.`);
    if (!before.databaseNamesGaining && after.databaseNamesGaining) {
      this.add('number.database-proof', 'The portability database names the gaining carrier.');
    }
    if (!before.outboundProven && after.outboundProven) {
      this.add('number.outbound-proof', 'A text sent by the gaining carrier has reached a handset.');
    }
    const networks = Object.keys(after.inboundByNetwork).filter((network) => !before.inboundByNetwork[network]);
    if (networks.length > 0 || (!before.inboundProven && after.inboundProven)) {
      const from = networks.length > 0 ? ` from network ${networks.join(', ')}` : '';
      this.add('number.inbound-proof', `A text to the number${from} has come in by the gaining carrier.`);
    }
    if (before.campaign !== after.campaign)
      this.add(`number.campaign-${after.campaign}`, campaignDetail[after.campaign]);
    if (!before.escalatedAt && after.escalatedAt) {
      this.add('number.proof-overdue', 'No proof by the deadline: a person has to look at both carriers.');
    }
    if (after.outcome && !before.outcome) {
      this.add(`number.${after.outcome}`, `Texts were uncertain for ${after.uncertainMs ?? 0} ms.`);
    }
  }

  async flush(cutover: CutoverState): Promise<void> {
    if (this.steps.length === 0) return;
    const steps = this.steps;
    this.steps = [];
    const { portId, numberKey, chain, written } = this;
    await projectCutover({ portId, numberKey, cutover, chain, firstStep: written, steps });
    this.written += steps.length;
  }

  private add(type: string, detail: string): void {
    this.steps.push({ at: nowIso(), actor: 'portsms', type, detail, numberKey: this.numberKey });
  }
}

const messagingDetail: Record<CutoverState['messaging'], string> = {
  losing: 'Texts go by the losing carrier.',
  uncertain: 'Texts wait for proof of who routes them.',
  gaining: 'Texts go by the gaining carrier.',
};

const campaignDetail: Record<CutoverState['campaign'], string> = {
  'not-needed': 'There is no campaign to attach the number to.',
  waiting: 'The number is to be attached to its campaign at the gaining carrier; until then its texts may be refused.',
  attached: 'The number is attached to its campaign at the gaining carrier.',
  failed: 'The gaining carrier refuses to attach the number to its campaign: a person has to look there.',
};
