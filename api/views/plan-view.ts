import type { PortPlanDocument } from '../../store/port-plans.ts';
import type { PlanOrder } from '../../store/ports.ts';
import type { Vault } from '../../store/vault.ts';
import { workflowIds } from '../../workflows/contract.ts';
import type { PlanAnswer, PlanInShort } from '../schemas/port-plans.ts';
import { moment } from './moment.ts';
import { portLinks, type WorkflowLink } from './port-view.ts';
import { termsView } from './terms-view.ts';

export function planLinks(planId: string, link: WorkflowLink): PlanAnswer['links'] {
  return {
    self: `/v1/ports/${planId}`,
    timeline: `/v1/ports/${planId}/timeline`,
    orders: `/v1/ports?planId=${planId}`,
    problems: `/v1/ports/${planId}/problems`,
    workflow: link(workflowIds.plan(planId)),
  };
}

function common(document: PortPlanDocument, vault: Vault, link: WorkflowLink) {
  return {
    kind: 'plan' as const,
    id: document._id,
    status: document.status,
    since: document.since,
    createdAt: moment(document.createdAt),
    updatedAt: moment(document.updatedAt),
    ...termsView(document, vault),
    links: planLinks(document._id, link),
  };
}

/** A plan as its owner sees it: the roll-up, and its orders in short. */
export function planView(
  document: PortPlanDocument,
  orders: readonly PlanOrder[],
  vault: Vault,
  link: WorkflowLink,
): PlanAnswer {
  const sum = (of: keyof PlanOrder['counts']) => orders.reduce((total, { counts }) => total + counts[of], 0);
  const byStatus: PlanAnswer['orders']['byStatus'] = {};
  for (const { status } of orders) byStatus[status] = (byStatus[status] ?? 0) + 1;
  return {
    ...common(document, vault, link),
    counts: {
      numbers: document.numbers,
      problems: document.problems,
      ordered: sum('numbers'),
      uncertain: sum('uncertain'),
      ported: sum('ported'),
      returned: sum('returned'),
    },
    orders: {
      planned: document.orders,
      begun: orders.length,
      notCancelled: document.notCancelled,
      byStatus,
      data: orders.map(({ _id, status, since, losingCarrier, country, counts }) => ({
        id: _id,
        status,
        since,
        losingCarrier,
        country,
        counts,
        links: portLinks(_id, link),
      })),
    },
  };
}

/** A plan in a list. */
export function planInShort(document: PortPlanDocument, vault: Vault, link: WorkflowLink): PlanInShort {
  const { numbers, problems, orders } = document;
  return { ...common(document, vault, link), numbers, problems, orders };
}
