import { Context } from '@temporalio/activity';
import type { Carrier } from '../carriers/carrier.ts';
import type { Permission, Stop } from '../domain/consent-decision.ts';
import { windowKey } from '../domain/lifecycle/window-key.ts';
import { withDecision } from '../domain/route-choice/decision.ts';
import { type RoutingFacts, routeText, routingAt } from '../domain/routing.ts';
import type { Engine } from '../intake/engine.ts';
import { keepFailures } from '../intake/failures.ts';
import type { ConsentDocument } from '../store/consents.ts';
import { isUnowned, type MessageChange, type MessageDocument } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { type IsStopped, stoppedCampaigns } from './campaign-stops.ts';
import { takeBackClaims } from './claims-taken-back.ts';
import { currentWorkflow, type Owner } from './current-workflow.ts';
import type { DirectSubmission, Written } from './direct-submission.ts';
import type { AdmissionActivities, Outlook } from './interfaces.ts';
import { answerPatienceMs, canBeAsked, dueAt, outlookOf } from './outlook.ts';
import { createPermissions, storedPermission } from './permission.ts';
import { policyOf, type Recipients } from './recipients.ts';
import { createRouteSelection, type RouteChooser, type RouteSelection } from './route-selection.ts';
import { isStale } from './stale-route.ts';
import { weighSuppressions } from './suppression.ts';
import { optOutHold } from './waiting-number.ts';

export interface AdmissionDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly recipients: Recipients;
  /** Which of the carriers that may send a text does. */
  readonly routes?: RouteSelection;
  /** How texts are submitted by the write that admits them; without it they go by their carriers' task queues. */
  readonly direct?: DirectSubmission;
}

/** Everything that a decision about a text reads, loaded once for many texts. */
interface Facts {
  readonly numbers: ReadonlyMap<string, NumberDocument>;
  readonly consents: ReadonlyMap<string, readonly ConsentDocument[]>;
  /** Of those that are to be admitted; missing while that is found out. */
  readonly permissions?: ReadonlyMap<string, Permission>;
  /** The suppression of its recipient, if there is one. */
  readonly stopsOf: (message: MessageDocument) => readonly Stop[];
  readonly isStopped: IsStopped;
  readonly chooseRoute: RouteChooser;
  readonly now: Date;
}

interface HowToDecide {
  /** Recipients have been looked up, as far as the database answers. */
  readonly lookedUp?: boolean;
  readonly submit?: DirectSubmission | undefined;
}

/** What is admitted is left to its carriers' task queues. */
const throughQueues: DirectSubmission = async (_, write) => ({ texts: await write() });

/** Texts of a number that changes while they are being admitted are decided about again, this often; then the claim finds out. */
const rounds = 4;

/** Decides about texts: consent, the state of both numbers, the route; and what becomes of the ones that failed or ran out of time. */
export function createAdmissionActivities(deps: AdmissionDependencies): AdmissionActivities {
  const { store } = deps;
  const permissions = createPermissions(deps);
  const asks = canBeAsked(deps.carriers);
  const routes = deps.routes ?? createRouteSelection(deps);

  /**
   * @param messages those of the workflow; also those that it may adopt, which it does in the same write as what it decides (invariant 4)
   */
  async function decideAll(
    messages: readonly MessageDocument[],
    { workflowId, runId }: Owner,
    { lookedUp = false, submit = throughQueues }: HowToDecide = {},
  ): Promise<Outlook> {
    const isOurs = (message: MessageDocument) => message.workflowId === workflowId;
    const step = (message: MessageDocument, facts: Facts): MessageChange | undefined => {
      if (isOurs(message)) return nextStep(message, facts);
      const next = isUnowned(message) ? nextStep(message, facts) : undefined;
      return next && { ...next, workflowId, runId };
    };
    const current = new Map(messages.map((message) => [message._id, message]));
    const [parties, notes] = await Promise.all([
      numbersOf(messages),
      notesOn(messages),
      // Who looks a recipient up, and who submits, opens it.
      store.subjectKeys.loadFor(messages.map(({ to }) => to)),
    ]);
    const { numbers, waiting } = await deps.recipients.verify(messages, parties, lookedUp);
    const toAdopt = messages.filter((message) => waiting.has(message._id) && !isOurs(message));
    if (toAdopt.length > 0) {
      for (const message of await store.messages.adopt(toAdopt, workflowId, runId)) current.set(message._id, message);
    }
    let undecided = messages.filter((message) => !waiting.has(message._id));
    let recorded: Written['recorded'];
    for (let round = 0; round < rounds && undecided.length > 0; round++) {
      const isFirst = round === 0;
      const known = await loadFacts(
        undecided,
        isFirst ? numbers : await numbersOf(undecided),
        isFirst ? notes : await notesOn(undecided),
      );
      const toAdmit = undecided.filter((message) => stepBeforeAdmission(message, known) === 'admit');
      const facts = { ...known, permissions: await permissions.weigh(toAdmit, known) };
      const written = await writeSteps(undecided, (message) => step(message, facts), isFirst ? submit : throughQueues);
      const decided = written.texts;
      recorded ??= written.recorded;
      for (const message of decided) current.set(message._id, message);
      const isAdmitted = ({ status }: MessageDocument) => status === 'queued' || status === 'claimed';
      await permissions.giveBack(
        decided.filter((message) => !isAdmitted(message)),
        facts.permissions,
      );
      await keepFailures(
        decided.filter((message) => message.status === 'failed'),
        deps,
      );
      await announceHeld(decided);
      // Write first, look second (invariant 6): texts whose number moved meanwhile are decided about again.
      deps.recipients.count(decided.filter(isAdmitted));
      const queued = decided.filter((message) => message.status === 'queued');
      const versions = await store.numbers.versions(queued.flatMap((message) => message.route?.sender.key ?? []));
      undecided = queued.filter((message) => isStale(message, (key) => versions.get(key), new Date()));
    }
    for (const message of (await recorded) ?? []) current.set(message._id, message);
    const outlook = outlookOf([...current.values()].filter(isOurs), new Date(), asks);
    return waiting.size > 0 ? { ...outlook, lookUpsDue: true } : outlook;
  }

  /**
   * Writes what is the next step of each. A text that has changed since it was read is decided about anew.
   * @param submit has what is admitted submitted
   */
  function writeSteps(
    messages: readonly MessageDocument[],
    step: (message: MessageDocument) => MessageChange | undefined,
    submit: DirectSubmission,
  ): Promise<Written> {
    const steps = new Map(messages.map((message) => [message, step(message)]));
    const ids = messages.map((message) => message._id);
    const admitted = [...steps].flatMap(([message, next]) =>
      next?.status === 'queued' ? { ...message, ...next } : [],
    );
    return submit(admitted, (claiming = (_, next) => next) => {
      const decide = (message: MessageDocument) => {
        const next = steps.has(message) ? steps.get(message) : step(message);
        return next && claiming(message, next);
      };
      return store.messages.change(ids, decide, messages);
    });
  }

  /** The records of their senders and recipients. */
  const numbersOf = (messages: readonly MessageDocument[]) =>
    store.numbers.findMany(messages.flatMap((message) => [message.fromKey, message.toKey]));

  /** What is on record about their recipients and campaigns. */
  const notesOn = (messages: readonly MessageDocument[]) =>
    Promise.all([
      store.consents.ofSubjects(messages.map((message) => message.toKey)),
      store.suppressions.ofSubjects(messages.map((message) => message.toKey)),
      store.campaignStops.open(),
    ]);

  /**
   * @param parties the records of their senders and recipients
   * @param notes what is on record about their recipients and campaigns
   */
  async function loadFacts(
    messages: readonly MessageDocument[],
    parties: ReadonlyMap<string, NumberDocument>,
    [consents, suppressions, stops]: Awaited<ReturnType<typeof notesOn>>,
  ): Promise<Facts> {
    const now = new Date();
    const standbys = await store.numbers.findMany([...parties.values()].flatMap((number) => number.standbyKey ?? []));
    const numbers = new Map([...parties, ...standbys]);
    const [isSuppressed, chooseRoute] = await Promise.all([
      weighSuppressions(suppressions, { consents, numbers }, store, now),
      routes.prepare(messages, numbers, now),
    ]);
    return {
      numbers,
      consents,
      stopsOf: (message) => (message.attempts.length === 0 && isSuppressed(message) ? [suppressed] : []),
      isStopped: stoppedCampaigns(stops, deps.carriers, store.vault),
      chooseRoute,
      now,
    };
  }

  /** What becomes of one text now; undefined when nothing is due. */
  function nextStep(message: MessageDocument, facts: Facts): MessageChange | undefined {
    const step = stepBeforeAdmission(message, facts);
    if (step !== 'admit') return step;
    if (message.probe) return admitOne(message, facts);
    const permission = facts.permissions?.get(message._id);
    // Something else has happened to it since it was weighed: it is decided about when that is.
    return permission && admitWith(message, permission, facts);
  }

  /** What becomes of it by the clock alone; `admit` when it is to be decided whether and how it goes. */
  function stepBeforeAdmission(message: MessageDocument, facts: Facts): MessageChange | 'admit' | undefined {
    const { now } = facts;
    const due = dueAt(message, asks);
    if (due === undefined) return undefined;
    const ended = (status: 'expired' | 'unknown', code: string): MessageChange => ({
      status,
      failure: { code, class: status, at: now },
      finalAt: now,
      retryAt: undefined,
    });
    if (message.status === 'submitted' || message.status === 'claimed') {
      if (due > now) return undefined;
      const claimedAt = message.attempts.at(-1)?.claimedAt ?? now;
      const repeat = message.allowDuplicate && message.status === 'claimed' && message.expiresAt > now;
      if (!repeat || now.getTime() - claimedAt.getTime() < answerPatienceMs) return ended('unknown', 'no-receipt');
    } else if (message.expiresAt <= now) {
      return ended('expired', message.failure?.code ?? 'validity-over');
    } else if (message.status === 'retrying' && due > now) {
      return undefined;
    } else if (message.status === 'queued' && !isStale(message, (key) => facts.numbers.get(key)?.version, now)) {
      return undefined;
    }
    return 'admit';
  }

  /** With permission by its route; without, it is refused, or waits until it may go. */
  function admitWith(message: MessageDocument, weighed: Permission, facts: Facts): MessageChange {
    const { now } = facts;
    const permission = storedPermission(weighed, now);
    switch (weighed.decision) {
      case 'send':
        return { ...admitOne(message, facts), permission };
      case 'wait': {
        const { code, until } = weighed;
        return { ...held({ key: windowKey(until), code, since: now, until }), permission };
      }
      case 'refuse': {
        const failure = { code: weighed.code, class: 'refused', at: now };
        return { status: 'refused', failure, finalAt: now, retryAt: undefined, permission };
      }
    }
  }

  function admitOne(message: MessageDocument, facts: Facts): MessageChange {
    const { now, numbers } = facts;
    const refused = (code: string): MessageChange => ({
      status: 'refused',
      failure: { code, class: 'refused', at: now },
      finalAt: now,
      retryAt: undefined,
    });
    // Of a probe nothing was weighed.
    const [stop] = message.probe ? facts.stopsOf(message) : [];
    if (stop) return refused(stop.code);
    // A recipient that does not exist, and that the portability database does not say has moved, is not tried again.
    if (
      message.failure?.class === 'permanent' &&
      message.lookUpFirst &&
      !movedSince(numbers.get(message.toKey), message)
    ) {
      return { ...refused(message.failure.code), status: 'failed', failure: message.failure, lookUpFirst: undefined };
    }
    const recipientKnown = deps.recipients.knowledge(message, numbers, now);
    if (recipientKnown.movedLately && policyOf(message) === 'refuse') {
      return { ...refused('recipient-ported-recently'), recipient: recipientKnown };
    }
    const sender = numbers.get(message.fromKey);
    const optOuts = optOutHold(message, sender, now);
    if (optOuts) return held(optOuts);
    const standby = sender?.standbyKey ? numbers.get(sender.standbyKey) : undefined;
    const recipient = numbers.get(message.toKey);
    const routingOf = (number: NumberDocument) => routingAt(number.routing, number.move, now);
    const registeredAt = routes.registeredAt(message.fromKey, sender);
    const routing = sender ? routingOf(sender) : registeredSender(registeredAt);
    const route = routeText({
      kind: message.kind,
      canary: message.canaryAt !== undefined,
      sender: routing,
      ...(standby && { standby: routingOf(standby) }),
      ...(recipient?.own && { recipient: routingOf(recipient) }),
      refusedBy: routing?.state === 'uncertain' ? refusedBy(message, sender) : [],
      carriers: new Set(deps.carriers.keys()),
      registeredAt,
    });
    if (route.decision === 'refuse') return refused(route.code);
    // A probe that can't go now says nothing later: the next one is another.
    if (route.decision === 'hold' && message.probe) return refused(route.code);
    if (route.decision === 'hold') {
      const key = route.for === 'sender' ? message.fromKey : message.toKey;
      return held({ key, code: route.code, since: now });
    }
    const via = route.via === 'standby' ? standby : sender;
    // What one carrier filters is not led past it by another.
    const isStopped = (carrier: string) => facts.isStopped(message, carrier, via?._id ?? message.fromKey);
    if (route.carriers.some(isStopped)) return refused('campaign-stopped');
    const choice = facts.chooseRoute(message, route.carriers, recipient);
    return {
      status: 'queued',
      recipient: recipientKnown,
      retryAt: undefined,
      lookUpFirst: undefined,
      network: choice.network,
      decisions: withDecision(message.decisions, choice),
      route: {
        carrier: choice.carrier,
        sender: { key: via?._id ?? message.fromKey, version: via?.version ?? 0 },
        viaStandby: route.via === 'standby',
        proves: route.proves,
        ...(route.via === 'sender' && routing?.state === 'uncertain' && { uncertain: true }),
        ...(choice.receiptTimeoutMs !== undefined && { receiptTimeoutMs: choice.receiptTimeoutMs }),
        ...(via?.move && via.move.focAt > now && { until: via.move.focAt }),
        reason: route.carriers.length > 1 ? choice.reason : route.reason,
      },
    };
  }

  /**
   * Held texts are with the hold workflow of their number or moment; it is told after they are stored. A run that was cut off in between left
   * some untold: until they are released they bear this workflow's id, so the next run finds them.
   */
  async function announceHeld(messages: readonly MessageDocument[]): Promise<void> {
    const earliest = new Map<string, Date>();
    for (const { status, hold, expiresAt } of messages) {
      if (status !== 'held' || !hold) continue;
      const known = earliest.get(hold.key);
      if (!known || expiresAt < known) earliest.set(hold.key, expiresAt);
    }
    await Promise.all([...earliest].map(([key, expiresAt]) => deps.engine.held(key, expiresAt)));
  }

  async function admit(messageIds: readonly string[], how?: HowToDecide): Promise<Outlook> {
    const owner = currentWorkflow();
    const texts = await store.messages.adoptable(messageIds, owner.workflowId);
    if (texts.length < messageIds.length) {
      await announceHeld(await store.messages.ofWorkflow(owner.workflowId, ['held']));
    }
    return decideAll(texts, owner, how);
  }

  return {
    admit: ({ messageIds }) => admit(messageIds),
    async admitAndSubmit({ messageIds }) {
      // Whoever goes on may be no run after another one: what was claimed and not written is given up here.
      if (Context.current().info.attempt > 1) await takeBackClaims(store, currentWorkflow().workflowId);
      return admit(messageIds, { submit: deps.direct });
    },
    async review({ lookedUp = false } = {}) {
      const owner = currentWorkflow();
      await announceHeld(await store.messages.ofWorkflow(owner.workflowId, ['held']));
      return decideAll(await store.messages.ofWorkflow(owner.workflowId), owner, { lookedUp });
    },

    async verifyRecipients() {
      const { workflowId } = currentWorkflow();
      const texts = await store.messages.unverifiedOf(workflowId);
      await deps.recipients.verifyMany(texts, await store.numbers.findMany(texts.map(({ toKey }) => toKey)));
    },
  };
}

const suppressed: Stop = {
  rule: 'suppression',
  code: 'recipient-suppressed',
  reason: 'The recipient has failed for good lately: nothing is sent until it consents anew or writes.',
};

/** It is stored away, without a route, and leaves its workflow. */
function held(hold: NonNullable<MessageDocument['hold']>): MessageChange {
  return { status: 'held', hold, canaryAt: undefined, retryAt: undefined, lookUpFirst: undefined, route: undefined };
}

/** Short codes and alphanumeric senders have no record: they are where carriers have registered them. */
function registeredSender([carrier]: readonly string[]): RoutingFacts | undefined {
  return carrier === undefined ? undefined : { state: 'settled', carrier };
}

/** Carriers that have said no to this text since its sender's routing became uncertain. */
function refusedBy(message: MessageDocument, sender: NumberDocument | undefined): string[] {
  const began = sender?.routing.state === 'uncertain' ? sender.routing.since : sender?.move?.focAt;
  // A canary is a new try: what was refused before it counts no more.
  const since = message.canaryAt ?? began;
  if (!since) return [];
  return message.attempts
    .filter(
      (attempt) =>
        attempt.claimedAt >= since &&
        attempt.parts?.every((part) => part.outcome === 'rejected' || isFailed(part.state)),
    )
    .map((attempt) => attempt.carrier);
}

function isFailed(state: string | undefined): boolean {
  return state === 'UNDELIV' || state === 'REJECTD' || state === 'DELETED';
}

/** The portability database names another provider than before the text failed. */
function movedSince(number: NumberDocument | undefined, message: MessageDocument): boolean {
  const { lookUp } = number ?? {};
  return (
    lookUp !== undefined &&
    message.failure !== undefined &&
    lookUp.ported &&
    lookUp.changedAt !== undefined &&
    lookUp.changedAt >= message.acceptedAt
  );
}
