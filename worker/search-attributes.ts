import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { searchAttributeNames } from '../workflows/contract.ts';

const alreadyExists = 6;

/** Registers what ports are found by in the Web UI; a start with an unregistered search attribute fails. Harmless when they exist. */
export async function ensureSearchAttributes(client: Client): Promise<void> {
  for (const name of Object.values(searchAttributeNames)) {
    try {
      await client.connection.operatorService.addSearchAttributes({
        namespace: client.options.namespace,
        searchAttributes: { [name]: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD },
      });
    } catch (error) {
      if ((error as { code?: unknown }).code !== alreadyExists) throw error;
    }
  }
}
