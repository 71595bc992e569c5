import type { Collection, Document, Filter, FindCursor, MongoBulkWriteError, UpdateFilter } from 'mongodb';
import { lineOfId } from '../domain/batch-line.ts';
import type { Weighed } from '../domain/consent-decision.ts';
import type { RecipientPlaces } from '../domain/jurisdictions/recipient-places.ts';
import { isFinal, type MessageKind, type MessageStatus } from '../domain/message.ts';
import type { Attempt, MessageProgress, PartProgress } from '../domain/message-progress.ts';
import type { RecentPortPolicy, RecipientCheck } from '../domain/recipient-check.ts';
import type { PricedDecision, RouteDecision } from '../domain/route-choice/decision.ts';
import { type Database, ensureIndexes, isDuplicateKey, updateEach } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import { RecentTexts } from './recent-texts.ts';
import type { Sealed } from './vault.ts';

/** Which carrier an admitted text goes to, and under which state of its numbers that was decided. */
export interface Route {
  readonly carrier: string;
  /**
   * The number that sends, the text's own or its standby, and the version of its record; a claim under another version is not made
   * (invariant 5). Compared as a whole, so the order of its fields is part of it.
   */
  readonly sender: { readonly key: string; readonly version: number };
  readonly viaStandby: boolean;
  /** The sender's routing is uncertain and this carrier is the gaining one: a delivery proves the cutover. */
  readonly proves: boolean;
  /** The sender's routing is uncertain, and the text does not go by a standby. */
  readonly uncertain?: boolean;
  /** How long a receipt of this route is waited for, in milliseconds, where that has been learnt. */
  readonly receiptTimeoutMs?: number;
  /** From then on it is to be decided anew: the agreed date of the sender's move. */
  readonly until?: Date;
  readonly reason: string;
}

/** What a probe is to prove: that the moving number can write (`out`), or be written to (`in`) from a network. */
export interface Probe {
  readonly portId: string;
  readonly direction: 'out' | 'in';
  /** The network of the number at the other end. */
  readonly network: string;
}

/** The last decision about whether a text may leave: which rules were weighed, and what they said. No personal data. */
export interface StoredPermission {
  readonly at: Date;
  readonly decision: 'send' | 'wait' | 'refuse';
  readonly code?: string;
  readonly reason?: string;
  readonly until?: Date;
  /** The hours end then in which it may arrive. */
  readonly deliverBy?: Date;
  readonly weighed: readonly Weighed[];
}

/** What was known of a recipient's number when its text was admitted (domain/recipient-check.ts). */
export interface RecipientKnowledge {
  readonly check: RecipientCheck;
  /** When the portability database said what follows. */
  readonly recordAt?: Date;
  readonly ported?: boolean;
  readonly spid?: string;
  /** When it last moved, as far as anybody knows. */
  readonly portedAt?: Date;
  /** That is so short ago that the caller's policy applies. */
  readonly movedLately?: true;
}

/** What the caller knows better than any receipt: its recipient has used what was in it, or says that it never came. */
export interface Feedback {
  readonly outcome: 'converted' | 'notReceived';
  readonly at: Date;
}

/** A text of ours on its way to a recipient; the document is its own idempotency record. Personal data is sealed. */
export interface MessageDocument extends MessageProgress {
  readonly _id: string;
  readonly kind: MessageKind;
  readonly priority: number;
  readonly fromKey: string;
  readonly from: Sealed;
  readonly toKey: string;
  readonly to: Sealed;
  readonly text: Sealed;
  readonly segments: number;
  /** SHA-256 of the request; tells a repeated request from another one under the same Idempotency-Key. */
  readonly requestHash: string;
  readonly acceptedAt: Date;
  readonly allowDuplicate: boolean;
  /** What the caller wants when the recipient's number has moved lately; absent: it is sent. */
  readonly recentPortPolicy?: RecentPortPolicy;
  /** Written when it is admitted. */
  readonly recipient?: RecipientKnowledge;
  /** The caller's own data as JSON; may name people, so it is sealed. */
  readonly metadata?: Sealed;
  /** Id of the revocation that this text confirms; the only text that an opted-out recipient gets. */
  readonly confirmsRevocation?: string;
  /**
   * Set by admission, conditionally (invariant 4); the workflow that owns the text, or of a held text the one that held it. A text of a
   * bulk begins with the bulk's, so that nobody takes it before the bulk gives it away.
   */
  readonly workflowId?: string | null;
  readonly runId?: string;
  readonly route?: Route;
  readonly claimToken?: string;
  /** What it waits for; or has waited for, since it was released: that is kept for the account of a cutover. */
  readonly hold?: {
    readonly key: string;
    readonly code: string;
    readonly since: Date;
    /** Of what waits for a moment. */
    readonly until?: Date;
    readonly releasedAt?: Date;
  } | null;
  /** Where the recipient may be, as its number and the caller tell; worked out once, at acceptance. */
  readonly places?: RecipientPlaces;
  readonly permission?: StoredPermission;
  /** Since when it is the one that is sent by the gaining carrier while the routing is uncertain, to prove it. */
  readonly canaryAt?: Date;
  /** It is no text of a caller's: it goes between two numbers of ours, to prove a cutover. */
  readonly probe?: Probe;
  /** `carrier/id` of every segment of every attempt; how a receipt finds its text. */
  readonly carrierRefs?: readonly string[];
  /** The network that serves the recipient, as it was known when the text was admitted last (domain/route-choice/destination.ts). */
  readonly network?: string;
  /** How its route was chosen, each time; the last one is the present. */
  readonly decisions?: readonly RouteDecision[];
  /** What the caller knows of it. */
  readonly feedback?: Feedback;
  /** Counts every change: an update is made only on the revision that it was computed from. */
  readonly rev: number;
}

/** What tells where a text stands and when something is due for it. */
export type Standing = Pick<
  MessageDocument,
  'status' | 'acceptedAt' | 'expiresAt' | 'retryAt' | 'allowDuplicate' | 'route' | 'attempts'
>;

/** What verification of a recipient reads of a text. */
export type TextToVerify = Pick<
  MessageDocument,
  '_id' | 'toKey' | 'to' | 'kind' | 'acceptedAt' | 'status' | 'retryAt' | 'lookUpFirst' | 'failure' | 'recentPortPolicy'
>;

/** What metrics read of a text that has ended: nothing that is sealed. */
export type Ended = Pick<
  MessageDocument,
  'kind' | 'status' | 'acceptedAt' | 'segments' | 'toKey' | 'probe' | 'network'
> & {
  readonly finalAt: Date;
  readonly decisions?: readonly PricedDecision[];
  readonly attempts: readonly (Pick<Attempt, 'carrier' | 'claimedAt' | 'failure'> & {
    readonly parts?: readonly Pick<PartProgress, 'code' | 'outcome'>[];
  })[];
};

/** What the account of a cutover reads of a text: nothing that is sealed (store/text-ledgers.ts). */
export type MovedText = Pick<
  MessageDocument,
  | '_id'
  | 'kind'
  | 'fromKey'
  | 'toKey'
  | 'status'
  | 'acceptedAt'
  | 'expiresAt'
  | 'finalAt'
  | 'failure'
  | 'route'
  | 'hold'
  | 'attempts'
  | 'canaryAt'
  | 'probe'
>;

const ofMovedText = {
  kind: 1,
  fromKey: 1,
  toKey: 1,
  status: 1,
  acceptedAt: 1,
  expiresAt: 1,
  finalAt: 1,
  failure: 1,
  route: 1,
  hold: 1,
  attempts: 1,
  canaryAt: 1,
  probe: 1,
} as const;

export type MessageChange = Partial<Omit<MessageDocument, '_id' | 'rev'>>;

/** States in which a text is with its workflow: not stored away (`held`) and not final. */
const withWorkflow: readonly MessageStatus[] = ['accepted', 'queued', 'claimed', 'submitted', 'retrying'];

/** What can still be kept from being written. */
export const stoppable: readonly MessageStatus[] = ['accepted', 'queued', 'held', 'retrying'];

export interface MessageFilter {
  readonly status?: MessageStatus;
  readonly kind?: MessageKind;
  readonly fromKey?: string;
  readonly toKey?: string;
  readonly before?: PageEnd;
}

/** An update per document in one transaction stays under this (design: what the engine costs). */
const changesPerTransaction = 500;

/** Beyond this many, one question for all of them costs less; most of them then have one text each. */
const fewWorkflows = 12;

/**
 * How a permission came about is kept for people: those who only carry the text on read it without. A change writes what it changes, so
 * that nothing of it is lost. The choices of routes are read: by them a text leaves a carrier that is out of order.
 */
const withoutTraces = { projection: { 'permission.weighed': 0 } } as const;

/** A claim on texts for one submission (invariant 5), and the workflow run that makes it. */
export interface Claim {
  /** Fresh; names the claim. */
  readonly token: string;
  readonly carrier: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly at: Date;
}

/** A text as it was read, and what is to be changed of it. */
interface Decided {
  readonly message: MessageDocument;
  readonly set: MessageChange;
}

/** What tells whether a claim has won a text. */
type ClaimView = Pick<MessageDocument, '_id' | 'rev' | 'status' | 'claimToken'>;
const ofClaimView = { rev: 1, status: 1, claimToken: 1 } as const;

/** Null finds what is not there, and by the index, as `$exists` does not on every server. */
const notYet = null as unknown as Date;

/**
 * Of most texts these have no entry, so that what is written of every text is not written into them. A query goes by them when it asks for what
 * they hold; it names them, because not every server finds a partial index by itself.
 */
const byHoldKey = { 'hold.key': 1, status: 1, priority: 1, acceptedAt: 1 } as const;
const everHeld = { 'hold.key': { $exists: true } } as const;
const byHeldExpiry = { 'hold.key': 1, expiresAt: 1 } as const;
const byStatus = { status: 1, acceptedAt: -1, _id: -1 } as const;
const withFailure = { 'failure.code': { $exists: true } } as const;

/** A status as an index finds it: what is open has no end, and what ended otherwise than delivered has a failure. */
function standing(status: MessageStatus): Document {
  if (!isFinal(status)) return { status, finalAt: notYet };
  return status === 'delivered' ? { status } : { status, ...withFailure };
}

export type MessageStore = ReturnType<typeof messageStore>;

/** The texts. Every query below is served by `_id` or by the index named beside it. */
export function messageStore(database: Database) {
  const messages: Collection<MessageDocument> = database.collection('messages');
  const recent = new RecentTexts();

  /**
   * The texts that a query finds, in its order; read are those only that are not known here as they are. Without how that was decided.
   * @param isOne whether it still finds a text that was read after it
   */
  async function wholeOf(
    query: FindCursor<MessageDocument>,
    isOne: (message: MessageDocument) => boolean = () => true,
  ): Promise<MessageDocument[]> {
    const found = await query.project<Pick<MessageDocument, '_id' | 'rev'>>({ rev: 1 }).toArray();
    const known = new Map(found.flatMap((each) => recent.at(each) ?? []).map((message) => [message._id, message]));
    const unknown = found.filter(({ _id }) => !known.has(_id)).map(({ _id }) => _id);
    if (unknown.length > 0) {
      const read = await messages.find({ _id: { $in: unknown } }, withoutTraces).toArray();
      recent.note(read);
      for (const message of read) if (isOne(message)) known.set(message._id, message);
    }
    return found.flatMap(({ _id }) => known.get(_id) ?? []);
  }

  /**
   * Makes every one of these changes, or none when a text is not as it was read. @returns whether they were made
   *
   * The revisions of many are looked at in one query of their transaction, and the updates then find their texts by id alone: a text that is changed
   * after that look conflicts with the transaction, which runs anew. With the revision in the filter of each update a server that plans
   * every update by itself spends more on the plan than on the update.
   */
  async function writeAll(decided: readonly Decided[]): Promise<boolean> {
    const [first] = decided;
    if (first && decided.length === 1) {
      const { _id, rev } = first.message;
      return (await messages.updateOne({ _id, rev }, asUpdate(first.set))).matchedCount === 1;
    }
    const revisions = new Map(decided.map(({ message }) => [message._id, message.rev]));
    const updates = decided.map(({ message: { _id }, set }) => ({ filter: { _id }, update: asUpdate(set) }));
    return database.transaction(async (session) => {
      const found = await messages
        .find({ _id: { $in: [...revisions.keys()] } }, { session })
        .project<Pick<MessageDocument, '_id' | 'rev'>>({ rev: 1 })
        .toArray();
      if (found.length < decided.length || found.some(({ _id, rev }) => revisions.get(_id) !== rev)) return false;
      await updateEach(database, messages, updates, session);
      return true;
    });
  }

  /**
   * Reads each text, asks `decide`, writes what it says under the revision that it saw. When somebody else has changed one meanwhile,
   * all are read again and decided anew; so `decide` may be asked several times about a text, and only the last answer counts.
   * @param known the texts of these ids, in this order, when they have just been read
   * @returns the texts that were changed, as they now are
   */
  async function change(
    ids: readonly string[],
    decide: (message: MessageDocument) => MessageChange | undefined,
    known?: readonly MessageDocument[],
  ): Promise<MessageDocument[]> {
    const done: MessageDocument[] = [];
    for (let from = 0; from < ids.length; from += changesPerTransaction) {
      const chunk = ids.slice(from, from + changesPerTransaction);
      let current = known?.slice(from, from + changesPerTransaction);
      for (;;) {
        current ??= await messages.find({ _id: { $in: chunk } }).toArray();
        const decided = current
          .map((message) => ({ message, set: decide(message) }))
          .filter((each): each is Decided => each.set !== undefined)
          .sort((a, b) => (a.message._id < b.message._id ? -1 : 1));
        if (decided.length === 0 || (await writeAll(decided))) {
          const changed = decided.map(({ message, set }) => ({ ...message, ...set, rev: message.rev + 1 }));
          recent.note(changed);
          done.push(...changed);
          break;
        }
        current = undefined;
      }
    }
    return done;
  }

  /** Claims a single text. @returns it as it then is, if it was won */
  async function claimOne(filter: Filter<MessageDocument>, update: UpdateFilter<MessageDocument>) {
    const found = await messages.findOneAndUpdate(filter, update, { projection: ofClaimView, returnDocument: 'after' });
    return found ? [found as ClaimView] : [];
  }

  /** Claims those of many texts that can be. @returns all of them as they then are */
  async function claimAll(
    filter: Filter<MessageDocument>,
    update: UpdateFilter<MessageDocument>,
    ids: readonly string[],
  ) {
    await messages.updateMany(filter, update);
    // By ids alone: a server may put what it finds by more in the order of its plan, which costs as much as finding it.
    return messages
      .find({ _id: { $in: [...ids] } })
      .project<ClaimView>(ofClaimView)
      .toArray();
  }

  return {
    change,

    ensureIndexes: () =>
      ensureIndexes(messages, [
        { key: { workflowId: 1, status: 1, acceptedAt: 1 } },
        { key: byHoldKey, partialFilterExpression: everHeld },
        // Of what is held only: it costs the others nothing.
        { key: byHeldExpiry, partialFilterExpression: { status: 'held' } },
        { key: byStatus, partialFilterExpression: withFailure },
        { key: { carrierRefs: 1 }, sparse: true },
        { key: { toKey: 1, acceptedAt: -1 } },
        { key: { fromKey: 1, acceptedAt: -1 } },
        { key: { acceptedAt: -1, _id: -1 } },
        // What is open has none, which an index has as null.
        { key: { finalAt: 1, acceptedAt: -1, _id: -1 } },
      ]),

    /** Stores new texts in one insert. @returns per text whether it was stored or its id was taken already. */
    async insert(documents: readonly MessageDocument[]): Promise<('stored' | 'duplicate')[]> {
      if (documents.length === 0) return [];
      try {
        await messages.insertMany([...documents], { ordered: false });
        return documents.map(() => 'stored');
      } catch (error) {
        const writeErrors = isDuplicateKey(error) ? [(error as MongoBulkWriteError).writeErrors].flat() : [];
        if (writeErrors.length === 0 || writeErrors.some((failure) => failure.code !== 11000)) throw error;
        const failures = new Set(writeErrors.map((failure) => failure.index));
        return documents.map((_, index) => (failures.has(index) ? 'duplicate' : 'stored'));
      }
    },

    find: (id: string) => messages.findOne({ _id: id }),

    findMany: (ids: readonly string[]) => messages.find({ _id: { $in: [...ids] } }).toArray(),

    /** Callers' texts without probes, newest first. Index: toKey or fromKey with acceptedAt, else that of the status, else acceptedAt. */
    list({ before, status, ...equal }: MessageFilter, limit: number): Promise<MessageDocument[]> {
      const given = Object.fromEntries(
        Object.entries({ ...equal, ...(status && standing(status)) }).filter(([, value]) => value !== undefined),
      );
      const byFailure = 'failure.code' in given && !equal.toKey && !equal.fromKey;
      const isShown = (message: MessageDocument) => message.probe === undefined;
      return newestFirst(messages, given, 'acceptedAt', before, limit, isShown, byFailure ? byStatus : undefined);
    },

    /**
     * What has lain stored and unstarted since `before`. Index: workflowId, status, acceptedAt; named, because by status alone the search
     * would go through every text that waits in a bulk.
     */
    findUnstarted: (before: Date, limit: number) =>
      messages
        .find({ status: 'accepted', workflowId: null, acceptedAt: { $lt: before } })
        .hint({ workflowId: 1, status: 1, acceptedAt: 1 })
        .sort({ acceptedAt: 1 })
        .limit(limit)
        .project<{ _id: string; kind: MessageKind }>({ kind: 1 })
        .toArray(),

    /** Those of these texts that a workflow owns, or may adopt as it changes them (invariant 4); not final and not held. */
    async adoptable(ids: readonly string[], workflowId: string): Promise<MessageDocument[]> {
      const found = await messages.find({ _id: { $in: [...ids] } }).toArray();
      return found.filter(
        (message) => isUnowned(message) || (message.workflowId === workflowId && withWorkflow.includes(message.status)),
      );
    },

    /**
     * Makes a workflow the owner of the texts that no other one owns, or that their bulk gives away (invariant 4).
     * @param texts as they were just read
     * @returns the ones that it owns, not final.
     */
    async adopt(texts: readonly MessageDocument[], workflowId: string, runId: string): Promise<MessageDocument[]> {
      const ids = texts.map((text) => text._id);
      const { matchedCount } = await messages.updateMany(
        { _id: { $in: ids }, status: 'accepted', workflowId: { $in: [null, ...batchesOf(ids)] } },
        { $set: { workflowId, runId }, $inc: { rev: 1 } },
      );
      if (matchedCount === texts.length)
        return texts.map((text) => ({ ...text, workflowId, runId, rev: text.rev + 1 }));
      return messages.find({ _id: { $in: ids }, workflowId, status: { $in: [...withWorkflow] } }).toArray();
    },

    /** The texts that a workflow has to answer for. Index: workflowId, status, acceptedAt. */
    ofWorkflow: (workflowId: string, statuses: readonly MessageStatus[] = withWorkflow, limit = 1000) =>
      messages
        .find({ workflowId, status: { $in: [...statuses] } })
        .limit(limit)
        .toArray(),

    /** What verification reads of those that wait for look-ups of their recipients. Index: workflowId, status, acceptedAt. */
    unverifiedOf: (workflowId: string) =>
      messages
        .find({ workflowId, status: { $in: ['accepted', 'retrying'] } })
        .limit(1000)
        .project<TextToVerify>({
          toKey: 1,
          to: 1,
          kind: 1,
          acceptedAt: 1,
          status: 1,
          retryAt: 1,
          lookUpFirst: 1,
          failure: 1,
          recentPortPolicy: 1,
        })
        .toArray(),

    /** Those of them that are to be submitted, without how that was decided. Index: workflowId, status, acceptedAt. */
    queuedOf: (workflowId: string) =>
      wholeOf(messages.find({ workflowId, status: 'queued' }).limit(1000), ({ status }) => status === 'queued'),

    /** All of a workflow's, to see what is left to do. Index: workflowId, status, acceptedAt. */
    standingOf: (workflowId: string) =>
      wholeOf(messages.find({ workflowId, status: { $in: [...withWorkflow] } }), ({ status }) =>
        withWorkflow.includes(status),
      ),

    /**
     * The workflows that still have texts with them. A few are asked for one by one, because one text of each is enough to know: counting
     * the texts of a bulk at each portion of its receipts would cost more than the receipts. Index: workflowId, status, acceptedAt.
     */
    async haveOpen(workflowIds: readonly string[]): Promise<Set<string>> {
      const status = { $in: [...withWorkflow] };
      if (workflowIds.length <= fewWorkflows) {
        const options = { projection: { _id: 1 } } as const;
        const found = await Promise.all(
          workflowIds.map((workflowId) => messages.findOne({ workflowId, status }, options)),
        );
        return new Set(workflowIds.filter((_, index) => found[index]));
      }
      const rows = await messages
        .aggregate<{ _id: string }>([
          { $match: { workflowId: { $in: [...workflowIds] }, status } },
          { $group: { _id: '$workflowId' } },
        ])
        .toArray();
      return new Set(rows.map((row) => row._id));
    },

    /**
     * Claims texts for one submission (invariant 5): only those that are queued, not expired and routed under the current version
     * of their sender. @returns what was won, as it now is, in the order of the candidates; without how it was decided.
     */
    async claim(
      candidates: readonly MessageDocument[],
      current: ReadonlyMap<string, number>,
      claim: Claim,
    ): Promise<MessageDocument[]> {
      const senders = new Set(candidates.map((message) => message.route?.sender.key ?? message.fromKey));
      const ids = candidates.map((message) => message._id);
      const attempt = attemptUnder(claim);
      const filter = {
        _id: { $in: ids },
        status: 'queued',
        expiresAt: { $gt: claim.at },
        'route.carrier': claim.carrier,
        // One list instead of `$or`, which would be searched for without an index by some servers.
        'route.sender': { $in: [...senders].map((key) => ({ key, version: current.get(key) ?? 0 })) },
      } as const;
      const update: UpdateFilter<MessageDocument> = {
        $set: { status: 'claimed', claimToken: claim.token },
        $push: { attempts: attempt },
        $inc: { rev: 1 },
      };
      const found = ids.length === 1 ? await claimOne(filter, update) : await claimAll(filter, update, ids);
      const isWon = ({ status, claimToken }: ClaimView) => status === 'claimed' && claimToken === claim.token;
      const revisions = new Map(found.filter(isWon).map(({ _id, rev }) => [_id, rev]));
      // What has not been changed since it was read is known but for the claim.
      const changed = candidates.filter(({ _id, rev }) => revisions.has(_id) && revisions.get(_id) !== rev + 1);
      const reread =
        changed.length === 0
          ? []
          : await messages.find({ _id: { $in: changed.map(({ _id }) => _id) } }, withoutTraces).toArray();
      const fresh = new Map(reread.filter(isWon).map((message) => [message._id, message]));
      const won = candidates.flatMap((message): MessageDocument | [] => {
        const rev = revisions.get(message._id);
        if (rev === message.rev + 1) {
          return { ...message, ...claimedUnder(claim, message), rev };
        }
        return fresh.get(message._id) ?? [];
      });
      recent.note(won);
      return won;
    },

    /** Texts to these recipients that somebody has claimed since then and not written, as far as the store knows. Index: toKey, acceptedAt. */
    async claimsOn(toKeys: readonly string[], since: Date): Promise<{ _id: string; claimToken?: string }[]> {
      const claimed = await messages
        .find({ toKey: { $in: [...toKeys] }, status: 'claimed' })
        .project<Pick<MessageDocument, '_id' | 'claimToken' | 'attempts'>>({ claimToken: 1, attempts: { $slice: -1 } })
        .toArray();
      return claimed
        .filter(({ attempts }) => (attempts.at(-1)?.claimedAt ?? since) >= since)
        .map(({ _id, claimToken }) => ({ _id, ...(claimToken !== undefined && { claimToken }) }));
    },

    /** Whether one of these claims is still as it was: neither written nor given up. */
    async anyClaimed(claims: readonly { readonly _id: string; readonly claimToken?: string }[]): Promise<boolean> {
      const tokens = new Map(claims.map(({ _id, claimToken }) => [_id, claimToken]));
      const left = await messages
        .find({ _id: { $in: [...tokens.keys()] }, status: 'claimed' })
        .project<{ _id: string; claimToken?: string }>({ claimToken: 1 })
        .toArray();
      return left.some(({ _id, claimToken }) => tokens.get(_id) === claimToken);
    },

    /**
     * The texts that have a segment with one of these `carrier/id`s, newest first; without how it was decided. What this process has had in hand lately
     * is not read again: whoever changes it finds out whether it is still so. Index: carrierRefs.
     */
    async findByCarrierRefs(refs: readonly string[]): Promise<MessageDocument[]> {
      const known = new Map(refs.flatMap((ref) => recent.withRef(ref) ?? []).map((message) => [message._id, message]));
      const unknown = refs.filter((ref) => !recent.withRef(ref));
      if (unknown.length === 0) return [...known.values()];
      const found = await wholeOf(messages.find({ carrierRefs: { $in: unknown } }).sort({ acceptedAt: -1 }));
      return [...known.values(), ...found.filter(({ _id }) => !known.has(_id))];
    },

    /** Claimed and unanswered texts to these recipients: who unmatched receipts may belong to. Index: toKey, acceptedAt. */
    findUnanswered: (toKeys: readonly string[], since: Date) =>
      messages
        .find({ toKey: { $in: [...toKeys] }, acceptedAt: { $gte: since }, status: { $in: ['claimed', 'unknown'] } })
        .sort({ acceptedAt: -1 })
        .limit(50 * toKeys.length)
        .toArray(),

    /** Texts to a recipient that no carrier has yet. Index: toKey. */
    findStoppable: (toKey: string, limit: number) =>
      messages
        .find({ toKey, status: { $in: [...stoppable] } })
        .limit(limit)
        .toArray(),

    /**
     * Changes those of these texts that no carrier has yet, all alike. Not in a transaction, because it may meet a claim (invariant 5), which
     * is none: a server may let the two wait for each other.
     * @returns how many
     */
    async stop(ids: readonly string[], change: MessageChange): Promise<number> {
      const { modifiedCount } = await messages.updateMany(
        { _id: { $in: [...ids] }, status: { $in: [...stoppable] } },
        asUpdate(change) as UpdateFilter<MessageDocument>,
      );
      return modifiedCount;
    },

    /** Index: toKey. */
    countTo: (toKey: string) => messages.countDocuments({ toKey }),

    /** Held texts, the most urgent and oldest first. Index: hold.key, status, priority, acceptedAt. */
    findHeld: (holdKey: string, limit: number) =>
      messages
        .find({ 'hold.key': holdKey, status: 'held' })
        .hint(byHoldKey)
        .sort({ priority: 1, acceptedAt: 1 })
        .limit(limit)
        .toArray(),

    /** Held texts whose validity is over. Index: hold.key, expiresAt of held ones. */
    findHeldExpired: (holdKey: string, now: Date, limit: number) =>
      messages
        .find({ 'hold.key': holdKey, status: 'held', expiresAt: { $lte: now } })
        .hint(byHeldExpiry)
        .limit(limit)
        .toArray(),

    /** When the next held text expires. Index: hold.key, expiresAt of held ones. */
    async nextHeldExpiry(holdKey: string): Promise<Date | undefined> {
      const [first] = await messages
        .find({ 'hold.key': holdKey, status: 'held' })
        .hint(byHeldExpiry)
        .sort({ expiresAt: 1 })
        .limit(1)
        .project<{ expiresAt: Date }>({ expiresAt: 1 })
        .toArray();
      return first?.expiresAt;
    },

    /** Texts that ended within a span, in the order of their ends. Index: finalAt. */
    endedBetween: (from: Date, to: Date): AsyncIterable<Ended> =>
      messages
        .find({ finalAt: { $gte: from, $lt: to } })
        .sort({ finalAt: 1 })
        .batchSize(1000)
        .project<Ended>({
          _id: 0,
          kind: 1,
          status: 1,
          acceptedAt: 1,
          finalAt: 1,
          segments: 1,
          'attempts.carrier': 1,
          'attempts.claimedAt': 1,
          'attempts.failure': 1,
          'attempts.parts.code': 1,
          'attempts.parts.outcome': 1,
          network: 1,
          'decisions.at': 1,
          'decisions.carrier': 1,
          'decisions.currency': 1,
          'decisions.candidates.carrier': 1,
          'decisions.candidates.price': 1,
          toKey: 1,
          probe: 1,
        }),

    /** Texts that were released and are not with a carrier yet; counts no further than `limit`. Index: hold.key, status. */
    countReleased: (holdKey: string, limit: number): Promise<number> =>
      messages.countDocuments(
        { 'hold.key': holdKey, status: { $in: ['accepted', 'queued'] } },
        { limit, hint: byHoldKey },
      ),

    /** The texts of a number that were accepted in a time and not final before its move began, oldest first. Index: fromKey, acceptedAt. */
    movedFrom: (fromKey: string, acceptedFrom: Date, acceptedUntil: Date, begunAt: Date): AsyncIterable<MovedText> =>
      messages
        // True of what was final later, and of what is not final yet.
        .find({ fromKey, acceptedAt: { $gte: acceptedFrom, $lte: acceptedUntil }, finalAt: { $not: { $lt: begunAt } } })
        .sort({ acceptedAt: 1 })
        .project<MovedText>(ofMovedText),

    /** The texts that wait, or have waited, for a number. Index: hold.key. */
    heldFor: (holdKey: string): AsyncIterable<MovedText> =>
      messages.find({ 'hold.key': holdKey }).hint(byHoldKey).project<MovedText>(ofMovedText),

    /** A text that has not ended: its workflow or something that it waits for has it. Index: finalAt. */
    anyOpen: async (): Promise<string | undefined> =>
      (await messages.findOne({ finalAt: notYet }, { projection: { _id: 1 } }))?._id,

    /** Final states of the texts, for an account. */
    countByStatus: () =>
      messages
        .aggregate<{ _id: MessageStatus; count: number }>([{ $group: { _id: '$status', count: { $sum: 1 } } }])
        .toArray(),
  };
}

function attemptUnder({ carrier, token, at, workflowId, runId }: Claim): Attempt {
  return { carrier, token, claimedAt: at, workflowId, runId };
}

/** What a claim makes of a text. */
export function claimedUnder(
  claim: Claim,
  { attempts }: Pick<MessageDocument, 'attempts'>,
): Pick<MessageDocument, 'status' | 'claimToken' | 'attempts'> {
  return { status: 'claimed', claimToken: claim.token, attempts: [...attempts, attemptUnder(claim)] };
}

/** No workflow has it, or only its bulk, which gives it away. */
export function isUnowned({
  _id,
  status,
  workflowId,
}: Pick<MessageDocument, '_id' | 'status' | 'workflowId'>): boolean {
  return status === 'accepted' && (workflowId == null || workflowId === lineOfId(_id)?.batchId);
}

/** The bulks that these texts came in. */
function batchesOf(ids: readonly string[]): Set<string> {
  return new Set(ids.flatMap((id) => lineOfId(id)?.batchId ?? []));
}

/** Undefined fields are removed, not stored as null. */
export function asUpdate(change: MessageChange): UpdateFilter<MessageDocument> {
  const set: Record<string, unknown> = {};
  const unset: Record<string, ''> = {};
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) unset[key] = '';
    else set[key] = value;
  }
  return {
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}),
    $inc: { rev: 1 },
  } as UpdateFilter<MessageDocument>;
}
