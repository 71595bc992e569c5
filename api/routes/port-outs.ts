import type { PortOutState } from '../../domain/lifecycle/port-out.ts';
import type { PortOutDocument } from '../../store/port-outs.ts';
import type { Store } from '../../store/store.ts';
import { updateIdOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import type { PortOutProcess } from '../port-out-process.ts';
import { Problem } from '../problem.ts';
import { page } from '../schemas/page.ts';
import {
  portOut,
  portOutAuthorization,
  portOutChanged,
  portOutPage,
  portOutParams,
  portOutQuery,
  portOutRejection,
} from '../schemas/port-outs.ts';
import { timelineOperation } from '../timeline-operation.ts';
import { portOutLinks, portOutView } from '../views/port-out-view.ts';
import type { WorkflowLink } from '../views/port-view.ts';

const tag = 'Port-outs';

/** Requests of other carriers to take numbers away: what a person sees and decides. The process of each decides; this only asks it. */
export function portOutOperations(dependencies: {
  readonly store: Pick<Store, 'portOuts' | 'timeline' | 'vault'>;
  readonly portOutProcess: PortOutProcess;
  readonly workflowLink: WorkflowLink;
}): Operation[] {
  const { store, portOutProcess, workflowLink } = dependencies;
  const { portOuts, vault } = store;

  async function find(id: string): Promise<PortOutDocument> {
    const found = await portOuts.find(id);
    if (!found) throw new Problem('unknown-port-out', 'Check the id; GET /v1/port-outs lists them.');
    return found;
  }

  function changed(id: string, { status, since, answer, focAt, problems }: PortOutState) {
    return { status: 200, body: { id, status, since, answer, focAt, problems, links: portOutLinks(id, workflowLink) } };
  }

  const list = operation({
    method: 'get',
    path: '/v1/port-outs',
    summary: 'List requests of other carriers to take numbers away, newest first',
    tag,
    query: portOutQuery,
    answers: { 200: { description: 'A page of port-outs.', schema: portOutPage } },
    async handle({ query }) {
      const { limit, status, cursor: before } = query;
      const found = await portOuts.list({ ...(status && { status }), ...(before && { before }) }, limit + 1);
      const now = new Date();
      const show = (each: PortOutDocument) => portOutView(each, vault, workflowLink, now);
      return { status: 200, body: page(found, limit, show, (each) => ({ at: each.createdAt, id: each._id })) };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/port-outs/:id',
    summary: 'Read a port-out: what was found, what it waits for, and how long is left to answer',
    tag,
    params: portOutParams,
    answers: { 200: { description: 'The port-out.', schema: portOut } },
    problems: ['unknown-port-out'],
    handle: async ({ params }) => ({
      status: 200,
      body: portOutView(await find(params.id), vault, workflowLink, new Date()),
    }),
  });

  const readTimeline = timelineOperation({
    path: '/v1/port-outs/:id/timeline',
    tag,
    problems: ['unknown-port-out'],
    store,
    async find(id) {
      const { status, since, carrier, createdAt, answerDueAt, focAt, numbers } = await find(id);
      const phoneNumbers = new Map(numbers.map((each) => [each.numberKey, vault.open(each.number)]));
      return {
        title: 'Report of a port-out',
        facts: [
          ['Status', `${status} since ${since}`],
          ['Asked by way of', carrier],
          ['Seen first', createdAt.toISOString()],
          ['Answer due', answerDueAt],
          ...(focAt === undefined ? [] : [['Date', focAt] as const]),
          ['Numbers', [...phoneNumbers.values()].join(', ')],
        ],
        phoneNumbers,
      };
    },
  });

  const authorize = operation({
    method: 'post',
    path: '/v1/port-outs/:id/authorize',
    summary: 'Let the numbers go',
    description: 'Possible while the port-out waits for a decision (`awaiting-decision`).',
    tag,
    params: portOutParams,
    body: portOutAuthorization,
    answers: { 200: { description: 'The carrier is answered.', schema: portOutChanged } },
    problems: ['unknown-port-out', 'port-out-not-authorizable', 'engine-timeout', 'engine-unavailable'],
    async handle(call) {
      const { _id: id } = await find(call.params.id);
      return changed(id, await portOutProcess.authorize(id, updateIdOf(call, vault)));
    },
  });

  const reject = operation({
    method: 'post',
    path: '/v1/port-outs/:id/reject',
    summary: 'Keep the numbers',
    description:
      'Possible while the port-out waits for a decision (`awaiting-decision`), by a code that the carrier takes for it.',
    tag,
    params: portOutParams,
    body: portOutRejection,
    answers: { 200: { description: 'The carrier is answered.', schema: portOutChanged } },
    problems: [
      'unknown-port-out',
      'port-out-not-rejectable',
      'rejection-not-eligible',
      'rejection-reason-required',
      'engine-timeout',
      'engine-unavailable',
    ],
    async handle(call) {
      const { _id: id, status, rejections } = await find(call.params.id);
      const { code, reason } = call.body;
      // The process decides, also about a repetition; this spares it what it would certainly not take.
      if (status === 'awaiting-decision') {
        const rejection = rejections.find((each) => each.code === code);
        if (!rejection) {
          const taken = rejections.map((each) => each.code).join(', ') || 'none';
          throw new Problem('rejection-not-eligible', `The carrier takes these codes for it: ${taken}.`);
        }
        if (rejection.reasonRequired && reason === undefined) {
          throw new Problem('rejection-reason-required', 'Send `reason`, in words for the carrier.');
        }
        // The words stay in the store; the process is told the code only (invariant 9).
        await portOuts.saveNote(id, reason === undefined ? undefined : { code, words: vault.seal(reason) });
      }
      return changed(id, await portOutProcess.reject(id, code, updateIdOf(call, vault)));
    },
  });

  return [list, read, readTimeline, authorize, reject];
}
