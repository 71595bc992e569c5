import type { Client } from '@temporalio/client';

/** How long the histories of one kind of workflow are. */
export interface HistorySizes {
  readonly runs: number;
  /** Events of the longest, and of one on average. */
  readonly greatest: number;
  readonly mean: number;
  readonly greatestBytes: number;
}

/** Every run that the engine knows, by type; one that was continued as new counts for itself. */
export async function historySizes(client: Client): Promise<Record<string, HistorySizes>> {
  const byType = new Map<string, { runs: number; events: number; greatest: number; greatestBytes: number }>();
  for await (const { type, historyLength, historySize = 0 } of client.workflow.list()) {
    const sizes = byType.get(type) ?? { runs: 0, events: 0, greatest: 0, greatestBytes: 0 };
    sizes.runs += 1;
    sizes.events += historyLength;
    sizes.greatest = Math.max(sizes.greatest, historyLength);
    sizes.greatestBytes = Math.max(sizes.greatestBytes, historySize);
    byType.set(type, sizes);
  }
  return Object.fromEntries(
    [...byType].map(([type, { runs, events, greatest, greatestBytes }]) => [
      type,
      { runs, greatest, mean: events / runs, greatestBytes },
    ]),
  );
}
