import type { State } from '../world/state.ts';

export interface OptOut {
  /** The business number. */
  readonly from: string;
  /** The subscriber who opted out. */
  readonly to: string;
  readonly keyword: string;
  readonly createdAt: string;
}

/** What the carrier answers by itself; it does not know REVOKE and OPT OUT. */
const KEYWORDS: Readonly<Record<string, 'STOP' | 'START' | 'HELP'>> = {
  STOP: 'STOP',
  STOPALL: 'STOP',
  'STOP ALL': 'STOP',
  UNSUBSCRIBE: 'STOP',
  CANCEL: 'STOP',
  END: 'STOP',
  QUIT: 'STOP',
  START: 'START',
  UNSTOP: 'START',
  HELP: 'HELP',
  INFO: 'HELP',
};

export const AUTO_REPLIES = {
  STOP: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  START:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe.',
  HELP: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
} as const;

export function keywordOf(text: string): 'STOP' | 'START' | 'HELP' | undefined {
  return KEYWORDS[text.trim().toUpperCase()];
}

/** Who has stopped which number: the carrier answers STOP itself and then blocks our texts. */
export class OptOuts {
  readonly #optOuts = new Map<string, OptOut>();
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
    for (const optOut of state.keep('optOuts', () => [...this.#optOuts.values()]) ?? []) {
      this.#optOuts.set(`${optOut.from} ${optOut.to}`, optOut);
    }
  }

  has(from: string, to: string): boolean {
    return this.#optOuts.has(`${from} ${to}`);
  }

  add(from: string, to: string, keyword: string): void {
    this.#optOuts.set(`${from} ${to}`, { from, to, keyword, createdAt: new Date().toISOString() });
    this.#state.save();
  }

  remove(from: string, to: string): void {
    if (this.#optOuts.delete(`${from} ${to}`)) this.#state.save();
  }

  all(): OptOut[] {
    return [...this.#optOuts.values()];
  }
}
