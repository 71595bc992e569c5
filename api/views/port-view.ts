import { type CutoverState, newCutover } from '../../domain/lifecycle/cutover.ts';
import { type OrderFacts, possibleActions } from '../../domain/lifecycle/order-actions.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { Vault } from '../../store/vault.ts';
import { workflowIds } from '../../workflows/contract.ts';
import { type DraftBody, missingFields } from '../schemas/port-draft.ts';
import type { PortAnswer } from '../schemas/ports.ts';
import { moment } from './moment.ts';
import { termsView } from './terms-view.ts';

/** Where a workflow is looked at in the Temporal Web UI; undefined when its address is not known. */
export type WorkflowLink = (workflowId: string) => string | undefined;

/** @param webUi address of the Temporal Web UI, without a trailing slash */
export function workflowLinks(webUi: string | undefined, namespace: string): WorkflowLink {
  return (workflowId) =>
    webUi && `${webUi}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

export function portLinks(portId: string, link: WorkflowLink): PortAnswer['links'] {
  return {
    self: `/v1/ports/${portId}`,
    timeline: `/v1/ports/${portId}/timeline`,
    workflow: link(workflowIds.port(portId)),
  };
}

/** A port as its owner sees it: the order, and each number with voice and messaging apart. */
export function portView(document: PortDocument, vault: Vault, link: WorkflowLink, now: Date): PortAnswer {
  const numbers = document.numbers.map((each) => ({
    phoneNumber: vault.open(each.number),
    ...cutoverView(each.cutover ?? newCutover(document.messagingPlan), now),
  }));
  const count = (fits: (each: (typeof numbers)[number]) => boolean) => numbers.filter(fits).length;
  return {
    id: document._id,
    status: document.status,
    since: document.since,
    createdAt: moment(document.createdAt),
    updatedAt: moment(document.updatedAt),
    country: document.country,
    ...termsView(document, vault),
    focAt: document.focAt,
    carrierOrderId: document.carrierOrderId,
    carrierState: document.carrierState,
    problems: document.problems.map(({ code, message, field }) => ({ code, message, field })),
    waiting: document.waiting,
    clocks: document.clocks,
    actions: [...possibleActions(orderFacts(document), document.activation, now.toISOString())],
    escalatedAt: document.escalatedAt,
    snapBack: document.snapBack,
    missing: missingOf(document, vault),
    numbers,
    counts: {
      numbers: numbers.length,
      uncertain: count((each) => each.messaging === 'uncertain'),
      ported: count((each) => each.outcome === 'ported'),
      returned: count((each) => each.outcome === 'returned'),
    },
    uncertainMs: Math.max(0, ...numbers.map((each) => each.uncertainMs ?? 0)),
    planId: document.planId,
    links: portLinks(document._id, link),
  };
}

/** What decides about what can be done, as the store shows it. */
export function orderFacts({ ported = false, ...document }: PortDocument): OrderFacts {
  return { ...document, ported };
}

/** What a draft still needs; undefined for what is none. */
export function missingOf({ draft, status }: PortDocument, vault: Vault): PortAnswer['missing'] {
  if (draft === undefined || status !== 'draft') return undefined;
  return missingFields(JSON.parse(vault.open(draft)) as DraftBody).map(({ path, message, code }) => ({
    path,
    message,
    code,
  }));
}

export function cutoverView(cutover: CutoverState, now: Date): Omit<PortAnswer['numbers'][number], 'phoneNumber'> {
  const soFar =
    cutover.uncertainSince === undefined ? undefined : Math.max(0, now.getTime() - Date.parse(cutover.uncertainSince));
  return {
    voice: cutover.plan === 'messaging-only' ? 'unaffected' : cutover.voice,
    messaging: cutover.messaging,
    databaseNamesGaining: cutover.databaseNamesGaining,
    outboundProven: cutover.outboundProven,
    inboundProven: cutover.inboundProven,
    inboundByNetwork: { ...cutover.inboundByNetwork },
    databaseProves: cutover.databaseProves,
    probed: cutover.probed,
    campaign: cutover.campaign,
    uncertainSince: cutover.uncertainSince,
    uncertainMs: cutover.uncertainMs ?? soFar,
    escalatedAt: cutover.escalatedAt,
    outcome: cutover.outcome,
  };
}
