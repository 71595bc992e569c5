import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { idOfLine } from '../domain/batch-line.ts';
import type { BatchLineProblem, LineCount, MessageBatchDocument } from '../store/message-batches.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { type BatchLine, batchLines } from './batch-lines.ts';
import { asLineProblem, BatchPartWriter, type BatchPartWriterDependencies, takenOver } from './batch-part-writer.ts';
import { keyReused, requestFingerprint } from './idempotency.ts';
import { bytesOf } from './lines-of.ts';
import { type AcceptedText, acceptText } from './message-acceptance.ts';
import { invalidRequest, Problem, parsedBy } from './problem.ts';
import { batchLimits } from './schemas/message-batches.ts';
import { messageRequest } from './schemas/messages.ts';

export type BatchUploadDependencies = BatchPartWriterDependencies & { readonly store: Pick<Store, 'batchTexts'> };

type ReadLine = { readonly line: number; readonly text: AcceptedText } | { readonly problem: BatchLineProblem };

/**
 * Takes a bulk of texts as it comes in: its lines are stored in portions, and belong to nobody who would send them before the end of the
 * upload is stored with their number and a hash.
 */
export function createBatchUpload(dependencies: BatchUploadDependencies) {
  const { messageBatches, batchTexts, vault } = dependencies.store;
  const fingerprint = (sha256: string) => requestFingerprint(vault, sha256);

  /** @param id of the bulk, derived from the Idempotency-Key (invariant 4) @throws Problem */
  return async (id: string, body: { readonly stream: Readable; readonly mediaType: string }) => {
    const token = randomId('upl');
    const begun = await messageBatches.begin(id, token, new Date());
    if (begun === 'running') {
      throw new Problem('request-in-progress', 'Wait until the first upload with this Idempotency-Key has ended.');
    }
    if (typeof begun === 'object') return { batch: await repeated(begun, body), repeated: true };
    // Nothing was sent of what an upload left that was cut off: it begins anew.
    if (begun === 'again') await batchTexts.remove(id);
    try {
      return { batch: await take(id, token, body), repeated: false };
    } catch (error) {
      // What is still coming is let through, so that the answer finds its way.
      body.stream.resume();
      // A database that is away will not take this either; then the upload is left to time.
      await giveUp(id, token, error).catch(() => undefined);
      throw body.stream.errored ? brokenOff(error) : error;
    }
  };

  /** The same file under the same key is the bulk that there is. */
  async function repeated(batch: MessageBatchDocument, { stream }: { readonly stream: Readable }) {
    const hash = createHash('sha256');
    for await (const chunk of bytesOf(stream, hash, batchLimits.bytes)) void chunk;
    if (fingerprint(hash.digest('hex')) !== batch.requestHash) throw keyReused();
    return batch;
  }

  async function take(id: string, token: string, { stream, mediaType }: { stream: Readable; mediaType: string }) {
    const hash = createHash('sha256');
    const writer = new BatchPartWriter(dependencies, id, token);
    const count = await readInto(writer, id, batchLines(stream, mediaType, hash));
    if (count.lines === 0) throw new Problem('message-batch-empty', 'Send one line for each text; nothing was sent.');
    const now = new Date();
    if (!(await messageBatches.finishUpload(id, token, fingerprint(hash.digest('hex')), count, now))) throw takenOver();
    const batch = await messageBatches.find(id);
    if (!batch) throw new Error(`The bulk ${id} has just been stored and is not there.`);
    return batch;
  }

  async function readInto(writer: BatchPartWriter, id: string, lines: AsyncIterable<BatchLine>): Promise<LineCount> {
    try {
      for await (const line of lines) {
        const read = readLine(id, line);
        if ('problem' in read) await writer.refuse(read.problem);
        else await writer.add(read);
      }
      return await writer.end();
    } catch (error) {
      // What is still being written would come after what removes it.
      await writer.settled();
      throw error;
    }
  }

  function readLine(id: string, given: BatchLine): ReadLine {
    const { line } = given;
    if ('malformed' in given) {
      return { problem: { line, code: 'line-malformed', errors: [{ message: given.malformed }] } };
    }
    const parsed = parsedBy(messageRequest, given.request);
    if (!parsed.success) return { problem: asLineProblem(line, invalidRequest(parsed.error)) };
    try {
      return { line, text: acceptText(idOfLine(id, line), parsed.data, vault, new Date()) };
    } catch (error) {
      if (error instanceof Problem) return { problem: asLineProblem(line, error) };
      throw error;
    }
  }

  /** What was turned down leaves nothing; what broke off, or was taken over, leaves what it is to whoever repeats it. */
  async function giveUp(id: string, token: string, error: unknown): Promise<void> {
    const isOurs = await messageBatches.touch(id, token, new Date());
    if (!isOurs) return;
    if (!(error instanceof Problem)) {
      await messageBatches.leaveUpload(id, token);
      return;
    }
    await batchTexts.remove(id);
    await messageBatches.dropUpload(id, token);
  }
}

function brokenOff(cause: unknown): Problem {
  const detail = 'The upload broke off; nothing was sent. Repeat it with the same Idempotency-Key.';
  return new Problem('invalid-request', detail, { status: 400, cause });
}
