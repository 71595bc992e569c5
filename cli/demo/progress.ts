import type { InboundMessage, OutboundMessage } from '../../api/schemas/messages.ts';
import type { PortAnswer } from '../../api/schemas/ports.ts';

/** Where a run stands. */
export interface Standing {
  readonly seconds: number;
  readonly handedOver: number;
  readonly lines: number;
  readonly outbound: readonly OutboundMessage[];
  readonly inbound: readonly InboundMessage[];
  readonly ports: readonly PortAnswer[];
}

/** Without a terminal a line is written this often, in milliseconds. */
const lineEveryMs = 5_000;

/** Shows where a run stands: in a terminal one line that changes, else a line every few seconds. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #writtenAt = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(standing: Standing): void {
    const line = describe(standing);
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${line.slice(0, Math.max(20, this.#stream.columns - 1))}`);
    } else if (Date.now() - this.#writtenAt >= lineEveryMs) {
      this.#writtenAt = Date.now();
      this.#stream.write(`${line}\n`);
    }
  }

  /** Leaves the line as it is; what is written next begins a new one. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\n');
  }
}

function describe({ seconds, handedOver, lines, outbound, inbound, ports }: Standing): string {
  const numbers = ports.flatMap((port) => port.numbers);
  return [
    `${String(seconds).padStart(4)} s`,
    `texts ${handedOver}/${lines}`,
    `out: ${tally(outbound.map(({ status }) => status))}`,
    `in: ${inbound.filter(({ copyOf }) => copyOf === undefined).length}`,
    `ports: ${tally(ports.map(({ status }) => status))}`,
    `numbers' texts: ${tally(numbers.map(({ messaging }) => messaging))}`,
  ].join(' · ');
}

/** `3 delivered, 1 held`, the most frequent first. */
export function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.length === 0 ? 'none' : sorted.map(([word, count]) => `${count} ${word}`).join(', ');
}
