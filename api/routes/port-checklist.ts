import type { Checklists } from '../../activities/checklists.ts';
import { checklistItems } from '../../domain/cutover-checklist.ts';
import { isFinalOrder } from '../../domain/lifecycle/order.ts';
import type { Store } from '../../store/store.ts';
import { foundPort } from '../found-port.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { checklistParams, checklistRequest, portChecklist } from '../schemas/port-checklist.ts';
import { checklistView } from '../views/checklist-view.ts';

/** What is to be done before a port's date; people say what they have done, the rest is found out. */
export function checklistOperations(dependencies: {
  readonly store: Pick<Store, 'ports' | 'portPlans' | 'timeline'>;
  readonly checklists: Checklists;
  readonly marginMs: number;
}): Operation[] {
  const { store, checklists, marginMs } = dependencies;

  const mark = operation({
    method: 'put',
    path: '/v1/ports/:id/checklist/:item',
    summary: 'Say how far an item of the checklist is',
    description:
      'Before the agreed date. An open item does not stop the date; its owner is warned when the margin begins.',
    tag: 'Ports',
    params: checklistParams,
    body: checklistRequest,
    answers: { 200: { description: 'The checklist as it now is.', schema: portChecklist } },
    problems: ['unknown-port', 'unknown-checklist-item', 'checklist-closed', 'changed-meanwhile'],
    async handle({ params: { id, item }, body }) {
      const port = await foundPort(store, id);
      if (!checklistItems.includes(item)) {
        throw new Problem('unknown-checklist-item', `The items are ${checklistItems.join(', ')}.`);
      }
      if (isFinalOrder(port.status)) throw new Problem('checklist-closed', `This order is ${port.status}.`);
      const known = port.checklist?.[item];
      const same = known?.state === body.state && known.reference === body.reference;
      const revision = same ? known.revision : (known?.revision ?? 0) + 1;
      const now = new Date();
      if (!same && !(await store.ports.markChecklist(id, item, revision - 1, { ...body, at: now, revision }))) {
        throw new Problem('changed-meanwhile', 'Read the port again, and repeat the change if it is still right.');
      }
      // Said again for what was said already: whoever was cut off before it is made up for.
      await store.timeline.append(id, `checklist/${item}-${revision}`, 0, [
        {
          at: (same ? known.at : now).toISOString(),
          actor: 'caller',
          type: 'port.checklist',
          detail: `${item}: ${body.state}${body.reference ? ` (${body.reference})` : ''}.`,
        },
      ]);
      const current = (await store.ports.find(id)) ?? port;
      return { status: 200, body: checklistView(current, await checklists.read(current), marginMs, now) };
    },
  });

  return [mark];
}
