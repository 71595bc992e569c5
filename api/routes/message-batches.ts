import type { BatchAction } from '../../domain/lifecycle/message-batch.ts';
import type { MessageBatchDocument } from '../../store/message-batches.ts';
import { replayedHeader } from '../idempotency.ts';
import { idOf, updateIdOf } from '../ids-of-calls.ts';
import type { MessageBatchProcess } from '../message-batch-process.ts';
import { type BatchUploadDependencies, createBatchUpload } from '../message-batch-upload.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import {
  batchAccepted,
  batchLimits,
  batchMediaTypes,
  batchMessages,
  batchPage,
  batchParams,
  batchProblems,
  batchQuery,
  batchState,
  fromLineQuery,
  messageBatch,
} from '../schemas/message-batches.ts';
import { page } from '../schemas/page.ts';
import { batchLinks, messageBatchView } from '../views/message-batch-view.ts';
import { outboundView } from '../views/message-view.ts';

const tag = 'Messages';
const problemsInAnswer = 100;

export type MessageBatchCallDependencies = BatchUploadDependencies & {
  readonly messageBatchProcess: MessageBatchProcess;
};

/** Many texts from one file: sent, watched, held back, stopped. */
export function messageBatchOperations(dependencies: MessageBatchCallDependencies): Operation[] {
  const { store, messageBatchProcess } = dependencies;
  const { vault, messageBatches, batchTexts, subjectKeys } = store;
  const upload = createBatchUpload(dependencies);

  async function found(id: string): Promise<MessageBatchDocument> {
    const batch = await messageBatches.find(id);
    if (!batch) {
      throw new Problem('unknown-message-batch', 'Check the id; it is the one that POST /v1/message-batches answered.');
    }
    return batch;
  }

  const send = operation({
    method: 'post',
    path: '/v1/message-batches',
    summary: 'Send many texts from a file, one a line',
    description: [
      'NDJSON: each line is what POST /v1/messages takes. CSV: the first line names the columns, of the same fields; `metadata.NAME` is an entry of the metadata.',
      'Answered when everything is stored: nothing is sent before that, and nothing of a file that did not arrive whole. A line that makes no text is refused and changes nothing for the others.',
      `At most ${batchLimits.lines} lines and ${batchLimits.bytes} bytes. The id of a text follows from the bulk and its line; its validity counts from when its line was stored.`,
      'The Idempotency-Key is required: the same file under the same key sends nothing twice, also when its upload was cut off.',
    ].join(' '),
    tag,
    reads: batchMediaTypes,
    answers: { 202: { description: 'Everything is stored and will be sent.', schema: batchAccepted } },
    problems: [
      'idempotency-key-required',
      'request-in-progress',
      'message-batch-empty',
      'message-batch-unreadable',
      'message-batch-too-long',
    ],
    // The bulk is its own record of the key; what makes two requests the same is the file, which is known when it has been read.
    idempotency: 'by-document',
    async handle({ stream, mediaType, caller, idempotencyKey }) {
      if (idempotencyKey === undefined) {
        stream.resume();
        throw new Problem('idempotency-key-required', 'Send a header Idempotency-Key, e.g. a UUID for each file.');
      }
      const id = idOf('bat', { caller, idempotencyKey }, vault);
      const { batch, repeated } = await upload(id, { stream, mediaType: mediaType ?? '' });
      // It is on disk and will be started (invariant 3): by the sweep, when the engine is away.
      if (batch.counter === 0) await messageBatchProcess.start({ batchId: id }).catch(() => undefined);
      const problems = await messageBatches.problemsOf(id, 0, problemsInAnswer);
      const { lines, accepted, refused, segments, status } = batch;
      return {
        status: 202,
        body: {
          id,
          status,
          lines,
          accepted,
          refused,
          segments,
          problems: problems.map(({ line, code, errors }) => ({ line, code, errors })),
          links: batchLinks(id),
        },
        ...(repeated && { headers: { [replayedHeader]: 'true' } }),
      };
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/message-batches',
    summary: 'List bulks of texts, newest first',
    tag,
    query: batchQuery,
    answers: { 200: { description: 'A page of bulks.', schema: batchPage } },
    async handle({ query: { limit, cursor } }) {
      const batches = await messageBatches.list(limit + 1, cursor);
      const views = new Map<string, ReturnType<typeof messageBatchView>>();
      for (const each of batches.slice(0, limit)) views.set(each._id, await view(each));
      const show = (each: MessageBatchDocument) => views.get(each._id);
      return { status: 200, body: page(batches, limit, show, (each) => ({ at: each.createdAt, id: each._id })) };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/message-batches/:id',
    summary: 'Read how far a bulk of texts is, and what has become of its texts',
    tag,
    params: batchParams,
    answers: { 200: { description: 'The bulk.', schema: messageBatch } },
    problems: ['unknown-message-batch'],
    handle: async ({ params }) => ({ status: 200, body: await view(await found(params.id)) }),
  });

  async function view(batch: MessageBatchDocument) {
    return messageBatchView(batch, batch.account ? undefined : await messageBatches.progress(batch._id));
  }

  const problems = operation({
    method: 'get',
    path: '/v1/message-batches/:id/problems',
    summary: 'List the lines of a bulk that were refused, and why',
    description: 'Of the first ten thousand; nothing that stands in them is repeated. Kept for 30 days.',
    tag,
    params: batchParams,
    query: fromLineQuery,
    answers: { 200: { description: 'In the order of the lines.', schema: batchProblems } },
    problems: ['unknown-message-batch'],
    async handle({ params, query: { from, limit } }) {
      const { _id } = await found(params.id);
      const some = await messageBatches.problemsOf(_id, from, limit + 1);
      const data = some.slice(0, limit).map(({ line, code, errors }) => ({ line, code, errors }));
      return { status: 200, body: { data, next: some[limit]?.line ?? null } };
    },
  });

  const texts = operation({
    method: 'get',
    path: '/v1/message-batches/:id/messages',
    summary: 'List the texts of a bulk',
    description: 'A page is the texts of `limit` lines; a line that was refused has none.',
    tag,
    params: batchParams,
    query: fromLineQuery,
    answers: { 200: { description: 'In the order of the lines.', schema: batchMessages } },
    problems: ['unknown-message-batch'],
    async handle({ params, query: { from, limit } }) {
      const { _id, lastLine } = await found(params.id);
      const last = Math.min(lastLine, from + limit - 1);
      const data = from > last ? [] : await batchTexts.list(_id, [from, last]);
      await subjectKeys.loadFor(data.map((each) => each.text));
      return {
        status: 200,
        body: { data: data.map((each) => outboundView(each, vault)), next: last < lastLine ? last + 1 : null },
      };
    },
  });

  const action = (name: BatchAction, summary: string, code: NonNullable<Operation['problems']>[number]) =>
    operation({
      method: 'post',
      path: `/v1/message-batches/:id/${name}`,
      summary,
      tag,
      params: batchParams,
      answers: { 200: { description: 'Where the bulk stands now.', schema: batchState } },
      problems: ['unknown-message-batch', code, 'engine-unavailable', 'engine-timeout'],
      async handle({ params, ...call }) {
        const { _id: id } = await found(params.id);
        const { status, since } = await messageBatchProcess.act(id, name, updateIdOf(call, vault));
        return { status: 200, body: { id, status, since, links: batchLinks(id) } };
      },
    });

  return [
    send,
    list,
    read,
    problems,
    texts,
    action('pause', 'Keep back the texts of a bulk that have not been started', 'message-batch-not-pausable'),
    action('resume', 'Go on with a paused bulk', 'message-batch-not-resumable'),
    action('cancel', 'Stop a bulk: what has not been submitted is refused', 'message-batch-not-cancellable'),
  ];
}
