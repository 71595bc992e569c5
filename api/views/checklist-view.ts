import type { ChecklistItem } from '../../domain/cutover-checklist.ts';
import { isFinalOrder } from '../../domain/lifecycle/order.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { ChecklistAnswer } from '../schemas/port-checklist.ts';
import { moment } from './moment.ts';

/** A port's checklist as its owner sees it. @param marginMs before the agreed date, from when on an open item is late */
export function checklistView(
  { focAt, status }: Pick<PortDocument, 'focAt' | 'status'>,
  items: readonly ChecklistItem[],
  marginMs: number,
  now: Date,
): ChecklistAnswer {
  const open = items.filter(({ state }) => state === 'open').map(({ item }) => item);
  const near = focAt !== undefined && Date.parse(focAt) - marginMs <= now.getTime();
  return {
    open,
    ...(open.length > 0 &&
      near &&
      !isFinalOrder(status) && { warning: `The agreed date is ${focAt}, and still open: ${open.join(', ')}.` }),
    items: items.map((each) => ({ ...each, at: moment(each.at) })),
  };
}
