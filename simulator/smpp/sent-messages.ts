import type { Fate } from '../network/segment.ts';
import type { PduFields } from './library.ts';
import { MESSAGE_STATES } from './receipt.ts';

/** What a carrier remembers of an accepted segment, for query_sm (SMPP 3.4 §4.8). */
export class SentMessage {
  #fate: Fate | undefined;
  #endedAt = 0;

  end(fate: Fate, at: number): void {
    this.#fate = fate;
    this.#endedAt = at;
  }

  /** The fields of a query_sm_resp. */
  answer(): PduFields {
    if (!this.#fate) return { final_date: '', message_state: MESSAGE_STATES.ENROUTE, error_code: 0 };
    return {
      final_date: `${new Date(this.#endedAt).toISOString().replace(/\D/g, '').slice(2, 14)}000+`,
      message_state: MESSAGE_STATES[this.#fate.state],
      error_code: Number.parseInt(this.#fate.code ?? '0', 10) & 0xff,
    };
  }
}

const REMEMBERED = 50_000;

/** The last 50,000 segments, by the id of the submission's answer. */
export class SentMessages {
  readonly #messages = new Map<string, SentMessage>();

  add(id: string): SentMessage {
    const message = new SentMessage();
    this.#messages.set(id, message);
    if (this.#messages.size > REMEMBERED) {
      for (const oldest of this.#messages.keys()) {
        this.#messages.delete(oldest);
        break;
      }
    }
    return message;
  }

  get(id: string): SentMessage | undefined {
    return this.#messages.get(id);
  }
}
