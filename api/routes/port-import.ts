import { createIdempotency } from '../idempotency.ts';
import { readImport } from '../import-reading.ts';
import { type Operation, operation } from '../operation.ts';
import { createPortImport, type PortImportDependencies } from '../port-import.ts';
import { Problem } from '../problem.ts';
import { type ImportAnswer, importAnswer, importColumns, importLimits } from '../schemas/port-import.ts';

const ndjson = 'application/x-ndjson';

/** Ports from a file, read as it comes in. */
export function portImportOperations(
  dependencies: PortImportDependencies & { readonly store: Parameters<typeof createIdempotency>[0] },
): Operation[] {
  const { vault } = dependencies.store;
  const idempotency = createIdempotency(dependencies.store);
  const orderAll = createPortImport(dependencies);

  const fromFile = operation({
    method: 'post',
    path: '/v1/ports/import',
    summary: 'Port the numbers of a CSV file, one a line',
    description: [
      'Lines that say the same but for the number become one port, or one plan. A line that is refused changes nothing for the others.',
      `The first line names the columns, of: ${Object.keys(importColumns).join(', ')}.`,
      'Without `name` the subscriber is who `authorizedBy` is, without `consentAct` the consent is the signature of `authorizedBy`.',
      `At most ${importLimits.lines} lines and ${importLimits.bytes} bytes; at most ${importLimits.orders} ports.`,
      'The Idempotency-Key is required: the same file under the same key orders nothing twice.',
    ].join(' '),
    tag: 'Ports',
    reads: ['text/csv'],
    answers: {
      200: { description: 'What became of each line, in their order.', schema: importAnswer, alsoAs: ndjson },
    },
    problems: [
      'idempotency-key-required',
      'request-in-progress',
      'import-columns-wrong',
      'import-too-long',
      'engine-unavailable',
    ],
    // What makes two requests the same is the file, which is known when it has been read.
    idempotency: 'by-document',
    async handle({ stream, caller, idempotencyKey, accepts }) {
      if (idempotencyKey === undefined) {
        throw new Problem('idempotency-key-required', 'Send a header Idempotency-Key, e.g. a UUID for each file.');
      }
      const file = await readImport(stream);
      const id = vault.deriveId('imp', caller.keyId, idempotencyKey);
      const answer = await idempotency.once(
        { caller, key: idempotencyKey, request: ['post', '/v1/ports/import', file.hash] },
        async () => ({ status: 200, body: await orderAll(id, file) }),
      );
      if (accepts(['application/json', ndjson]) !== ndjson) return answer;
      const { data } = answer.body as ImportAnswer;
      return { ...answer, body: data.map((line) => `${JSON.stringify(line)}\n`).join(''), contentType: ndjson };
    },
  });

  return [fromFile];
}
