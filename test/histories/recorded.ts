import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import type { History } from '@temporalio/worker';
import product from '../../package.json' with { type: 'json' };

/**
 * Recorded histories stand in a folder for each version of the product, one event to a line. Those of a version are kept as long as
 * workflows of its time may be open: they are what a change must not break.
 */
const root = import.meta.dirname;
const ofThisVersion = join(root, product.version);
const { History: type } = proto.temporal.api.history.v1;

/** Makes room for histories of this version: they are recorded together. */
export function forgetThisVersion(): void {
  rmSync(ofThisVersion, { recursive: true, force: true });
  mkdirSync(ofThisVersion, { recursive: true });
}

/** Writes a history, without what tells of the machine that it was recorded on: its name, and in which file an error was thrown. */
export function keep(name: string, history: History): void {
  const { events } = type.toObject(type.fromObject(history), { longs: String, enums: String, bytes: String });
  const lines = events.map((event: unknown) =>
    JSON.stringify(event, (key, value) => (key === 'identity' || key === 'stackTrace' ? undefined : value)).replaceAll(
      `@${hostname()}`,
      '@worker',
    ),
  );
  writeFileSync(join(ofThisVersion, `${name}.json`), `{"events":[\n${lines.join(',\n')}\n]}\n`);
  console.error(`${name}: ${lines.length} events`);
}

export interface RecordedHistory {
  /** `version/name` */
  readonly name: string;
  readonly json: string;
  readonly history: History;
}

/** All that were ever recorded. */
export function recordedHistories(): RecordedHistory[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const json = readFileSync(join(root, file), 'utf8');
      return { name: file.replace(/\.json$/, ''), json, history: type.fromObject(JSON.parse(json)) };
    });
}
