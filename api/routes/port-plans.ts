import type { PortPlanDocument } from '../../store/port-plans.ts';
import { type Operation, operation } from '../operation.ts';
import { createPlanAcceptance, type PlanAcceptanceDependencies } from '../plan-acceptance.ts';
import type { PlanProcess } from '../plan-process.ts';
import { Problem } from '../problem.ts';
import { page } from '../schemas/page.ts';
import { planPage, planQuery, refusedNumbers, refusedQuery } from '../schemas/port-plans.ts';
import { portParams } from '../schemas/ports.ts';
import { planInShort, planLinks, planView } from '../views/plan-view.ts';
import type { WorkflowLink } from '../views/port-view.ts';

const tag = 'Ports';
const refusedPerPage = 1000;

export type PortPlanCallDependencies = PlanAcceptanceDependencies & {
  readonly planProcess: PlanProcess;
  readonly workflowLink: WorkflowLink;
};

/** What the calls of a port (routes/ports.ts) do when they are given the id of a plan, or the numbers of one. */
export function portPlanCalls(dependencies: PortPlanCallDependencies) {
  const { store, planProcess, workflowLink } = dependencies;
  const { vault } = store;
  const { isWanted, accept } = createPlanAcceptance(dependencies);
  return {
    isWanted,
    accept,
    find: (id: string) => store.portPlans.find(id),
    links: (id: string) => planLinks(id, workflowLink),
    show: async (plan: PortPlanDocument) => planView(plan, await store.ports.ofPlan(plan._id), vault, workflowLink),
    async cancel({ _id: id }: PortPlanDocument, reason: string | undefined, updateId: string) {
      const { status, since } = await planProcess.cancel(id, reason, updateId);
      return { id, status, since, links: planLinks(id, workflowLink) };
    },
  };
}

/** What only plans have. */
export function portPlanOperations({
  store,
  workflowLink,
}: Pick<PortPlanCallDependencies, 'store' | 'workflowLink'>): Operation[] {
  const { vault } = store;

  const list = operation({
    method: 'get',
    path: '/v1/port-plans',
    summary: 'List plans, newest first',
    description: 'A plan is read and cancelled like a port, at `/v1/ports/{id}`.',
    tag,
    query: planQuery,
    answers: { 200: { description: 'A page of plans.', schema: planPage } },
    async handle({ query: { limit, cursor } }) {
      const found = await store.portPlans.list(limit + 1, cursor);
      const show = (each: PortPlanDocument) => planInShort(each, vault, workflowLink);
      return { status: 200, body: page(found, limit, show, (each) => ({ at: each.createdAt, id: each._id })) };
    },
  });

  const refused = operation({
    method: 'get',
    path: '/v1/ports/:id/problems',
    summary: "List the numbers of a plan that can't be ported, and why",
    tag,
    params: portParams,
    query: refusedQuery,
    answers: { 200: { description: 'In the order of the request.', schema: refusedNumbers } },
    problems: ['unknown-port'],
    async handle({ params, query }) {
      const plan = await store.portPlans.find(params.id);
      if (!plan) throw new Problem('unknown-port', 'Check the id; a port without a plan shows its problems itself.');
      const found = await store.portPlans.refused(plan._id, query.from, refusedPerPage + 1);
      const data = found.slice(0, refusedPerPage).map(({ position, number, problem }) => ({
        position,
        phoneNumber: vault.open(number),
        ...problem,
      }));
      return { status: 200, body: { data, next: found[refusedPerPage]?.position ?? null } };
    },
  });

  return [list, refused];
}
