import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type MessageKind, messageKinds, priorityOfKind } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';

export interface DispatcherDependencies {
  readonly engine: Pick<Engine, 'startMessages'>;
  readonly store: { readonly messages: Pick<Store['messages'], 'findUnstarted'> };
  readonly logger: Logger;
  /** For tests; milliseconds. */
  readonly timing?: Partial<typeof usual>;
}

const usual = {
  sweepEveryMs: 5_000,
  /** What has lain stored and unstarted this long is taken by the sweep (design: ways through it). */
  unstartedAfterMs: 10_000,
  /** After a start of one text, texts of its kind gather this long: a second one is no burst yet. */
  gatherAfterOneMs: 25,
  /** And this long after a start of several: the engine's cost is per workflow, and a burst would be hundreds. */
  gatherMs: 100,
  /** And this long while many come: the more there are in one, the less a text costs. One-time passwords don't wait for it. */
  gatherUnderLoadMs: 300,
  /** And this long while they come by hundreds. */
  gatherUnderHeavyLoadMs: 500,
  firstRetryMs: 200,
  longestRetryMs: 5_000,
};

/** Texts of one kind in one workflow: their ids stay far below a payload's limit, and the engine's cost is shared. */
const textsPerWorkflow = 500;
/** So many texts in one start say that many come. */
const textsUnderLoad = 10;
const textsUnderHeavyLoad = 100;
const startsInFlight = 4;
/** A start that failed so often is left to the sweep. */
const triesPerStart = 8;
/** Beyond this many, texts are not remembered here: the store has them, and the sweep takes them. */
const mostWaiting = 50_000;
const sweptAtOnce = 3_000;
const byUrgency = [...messageKinds].sort((a, b) => priorityOfKind[a] - priorityOfKind[b]);

interface Start {
  readonly kind: MessageKind;
  readonly messageIds: readonly string[];
  /** Names the workflow, together with the first text: a repetition of this start finds the first one. */
  readonly token: string;
}

/**
 * Every start by the sweep has this token: the same texts, found again by the next sweep or by another process, find the workflow
 * that was started for them and still waits for a worker.
 */
const sweptToken = 'swept';

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Starts the workflows of accepted texts: at once for a lone text; what comes soon after a start, or while enough of them are in
 * flight, gathers, and up to some hundreds of one kind go in one workflow. The store is the truth: what is lost here with the process, or could not be started, is found
 * there by a sweep. Starting twice is harmless (invariant 4).
 */
export function createDispatcher({ engine, store, logger, timing }: DispatcherDependencies) {
  const {
    sweepEveryMs,
    unstartedAfterMs,
    gatherAfterOneMs,
    gatherMs,
    gatherUnderLoadMs,
    gatherUnderHeavyLoadMs,
    firstRetryMs,
    longestRetryMs,
  } = {
    ...usual,
    ...timing,
  };
  const fresh = new Map<MessageKind, string[]>(messageKinds.map((kind) => [kind, []]));
  const swept = new Map<MessageKind, Start[]>(messageKinds.map((kind) => [kind, []]));
  /** All texts that wait here or whose start is in flight. */
  const known = new Set<string>();
  const stopping = new AbortController();
  const lastStart = new Map<MessageKind, { readonly at: number; readonly texts: number }>();
  const gathering = new Map<MessageKind, NodeJS.Timeout>();
  let draining = false;
  let inFlight = 0;
  let sweeping: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let whenIdle: (() => void) | undefined;

  function next(): Start | undefined {
    for (const kind of byUrgency) {
      const oldest = swept.get(kind)?.shift();
      if (oldest) return oldest;
      if (!mayStart(kind)) continue;
      const messageIds = fresh.get(kind)?.splice(0, textsPerWorkflow) ?? [];
      lastStart.set(kind, { at: performance.now(), texts: messageIds.length });
      return { kind, messageIds, token: randomId('start') };
    }
    return undefined;
  }

  /** Whether texts of a kind wait and have gathered long enough; else it is looked at again when they have. */
  function mayStart(kind: MessageKind): boolean {
    const texts = fresh.get(kind)?.length ?? 0;
    const last = lastStart.get(kind);
    const leftMs = last ? last.at + gatherMsAfter(kind, last.texts) - performance.now() : 0;
    if (texts === 0 || texts >= textsPerWorkflow || draining || leftMs <= 0) return texts > 0;
    if (gathering.has(kind)) return false;
    const look = () => {
      gathering.delete(kind);
      pump();
    };
    gathering.set(kind, setTimeout(look, leftMs));
    return false;
  }

  function gatherMsAfter(kind: MessageKind, texts: number): number {
    if (texts === 1) return gatherAfterOneMs;
    if (texts < textsUnderLoad || kind === 'otp') return gatherMs;
    return Math.max(gatherMs, texts < textsUnderHeavyLoad ? gatherUnderLoadMs : gatherUnderHeavyLoadMs);
  }

  function pump(): void {
    while (inFlight < startsInFlight && !stopping.signal.aborted) {
      const start = next();
      if (!start) break;
      inFlight += 1;
      void begin(start).then(() => {
        inFlight -= 1;
        for (const id of start.messageIds) known.delete(id);
        pump();
      });
    }
    if (inFlight === 0) whenIdle?.();
  }

  /** Starts one workflow. A failed start keeps its place in flight while it waits, so that what follows gathers behind it. */
  async function begin(start: Start): Promise<void> {
    for (let tries = 1; tries <= triesPerStart; tries += 1) {
      try {
        await engine.startMessages(start.messageIds, start.kind, start.token);
        return;
      } catch (err) {
        const texts = start.messageIds.length;
        logger.warn({ err, kind: start.kind, texts, tries }, 'a message workflow could not be started; trying again');
      }
      const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
      try {
        await sleep(wait, undefined, { signal: stopping.signal });
      } catch {
        return;
      }
    }
  }

  /** Takes what lies stored and unstarted. */
  async function sweep(): Promise<void> {
    const found = await store.messages.findUnstarted(new Date(Date.now() - unstartedAfterMs), sweptAtOnce);
    const forgotten = found.filter(({ _id }) => !known.has(_id));
    if (forgotten.length === 0) return;
    logger.info({ texts: forgotten.length }, 'texts lay stored and unstarted; starting them');
    for (const kind of messageKinds) {
      const ids = forgotten.filter((message) => message.kind === kind).map((message) => message._id);
      for (let from = 0; from < ids.length; from += textsPerWorkflow) {
        const messageIds = ids.slice(from, from + textsPerWorkflow);
        swept.get(kind)?.push({ kind, messageIds, token: sweptToken });
        for (const id of messageIds) known.add(id);
      }
    }
    pump();
  }

  function sweepOnce(): Promise<void> {
    sweeping ??= sweep()
      .catch((err: unknown) => logger.warn({ err }, 'unstarted texts could not be looked for; trying again'))
      .finally(() => {
        sweeping = undefined;
      });
    return sweeping;
  }

  return {
    /** Takes over a text that has just been stored. */
    add(messageId: string, kind: MessageKind): void {
      if (known.size >= mostWaiting || stopping.signal.aborted) return;
      known.add(messageId);
      fresh.get(kind)?.push(messageId);
      pump();
    },

    /** Begins to sweep, at once and every few seconds. */
    start(): void {
      void sweepOnce();
      timer = setInterval(() => void sweepOnce(), sweepEveryMs);
    },

    /** Texts that wait here for their workflow. */
    waiting: () => known.size,

    /** Starts what still waits, for at most `graceMs`; what then is left is found by the next sweep. */
    async stop(graceMs: number): Promise<void> {
      clearInterval(timer);
      draining = true;
      await Promise.race([
        new Promise<void>((resolve) => {
          whenIdle = resolve;
          pump();
        }),
        sleep(graceMs, undefined, { ref: false }),
      ]);
      stopping.abort();
      for (const each of gathering.values()) clearTimeout(each);
    },
  };
}
