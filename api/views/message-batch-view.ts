import type { MessageBatchDocument, Tally } from '../../store/message-batches.ts';
import type { MessageBatchView } from '../schemas/message-batches.ts';
import { moment } from './moment.ts';

export const batchLinks = (id: string) => ({
  self: `/v1/message-batches/${id}`,
  problems: `/v1/message-batches/${id}/problems`,
  messages: `/v1/message-batches/${id}/messages`,
});

/** A bulk as its owner sees it. @param progress of one that has not ended */
export function messageBatchView(
  batch: MessageBatchDocument,
  progress: { readonly started: number; readonly tally: readonly Tally[] } | undefined,
): MessageBatchView {
  const { _id: id, status, since, lines, accepted, refused, segments } = batch;
  return {
    id,
    status,
    since,
    createdAt: moment(batch.createdAt),
    lines,
    accepted,
    refused,
    segments,
    started: progress?.started ?? accepted,
    account: [...(batch.account ?? progress?.tally ?? [])],
    links: batchLinks(id),
  };
}
