import { hash } from 'node:crypto';

/**
 * A chain of records in which each holds the hash of the one before, so that whoever changes, removes, moves or adds one has to
 * change all that follow (invariant 10). What the chain ends with is kept elsewhere, so that a shortened one is noticed, too.
 */
export interface ChainLink {
  readonly chain: string;
  /** Counts from 1. */
  readonly seq: number;
  /** What makes a record the same one when it is appended again; unique in its chain. */
  readonly key: string;
  /** Of the record before; of the first one `genesis`. */
  readonly previousHash: string;
  /** SHA-256, hex, over the canonical form of everything else in the record. */
  readonly hash: string;
}

/** Where a chain ends. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** What the first record of every chain follows. */
export const genesis: ChainHead = { seq: 0, hash: '0'.repeat(64) };

export interface ChainFault {
  /**
   * `changed`: the content is not what was hashed; `missing`: records before this one are gone; `reordered`: stands behind a later one;
   * `forked`: there are two with this position; `unlinked`: does not follow from the record before it; `foreign`: belongs to another chain;
   * `cut-off`: the end is gone; `added`: stands behind the end; `head-wrong`: the chain's end as it was noted down is another record, or
   * the note is not genuine; `head-missing`: there is no such note; `absent`: there is neither a record nor a note.
   */
  readonly kind:
    | 'changed'
    | 'missing'
    | 'reordered'
    | 'forked'
    | 'unlinked'
    | 'foreign'
    | 'cut-off'
    | 'added'
    | 'head-wrong'
    | 'head-missing'
    | 'absent';
  /** Position of the record that is wrong; of several, the first. */
  readonly seq: number;
  readonly detail: string;
}

/** Chains new contents to what is there. */
export function linked<Content extends { readonly key: string }>(
  chain: string,
  head: ChainHead,
  contents: readonly Content[],
): (Content & ChainLink)[] {
  let previous = head;
  return contents.map((content) => {
    const unhashed = { ...content, chain, seq: previous.seq + 1, previousHash: previous.hash };
    const record = { ...unhashed, hash: hashOf(unhashed) };
    previous = record;
    return record;
  });
}

/** The hash that a record must have. Its `_id` is left out: the store makes it of chain and position. */
export function hashOf(record: object): string {
  return hash('sha256', canonicalObject(record, unhashed), 'hex');
}

/** One text for one value, whatever the order of its fields (as RFC 8785 sorts them); a field that is undefined is no field. */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : tagged('number', value);
  if (typeof value === 'bigint') return tagged('bigint', value);
  if (value instanceof Date) return tagged('date', value.getTime());
  if (value instanceof Uint8Array) return tagged('bytes', base64(value));
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value);
  throw new Error(
    `A ${typeof value} has no canonical form: store texts, numbers, dates, bytes, lists and objects only.`,
  );
}

const unhashed: ReadonlySet<string> = new Set(['hash', '_id']);

function canonicalObject(value: object, without?: ReadonlySet<string>): string {
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const [name, written] of inOrder(Object.keys(fields))) {
    const field = fields[name];
    if (field === undefined || without?.has(name)) continue;
    text += `${text && ','}${written}${canonical(field)}`;
  }
  return `{${text}}`;
}

/** Field names in their order, each also as it is written. */
type Order = readonly (readonly [name: string, written: string])[];
const orders = new Map<string, Order>();
/** Sets of fields that are remembered; bounds memory whatever is hashed. */
const mostOrders = 200;

/** Nearly all records have one of a few sets of fields: each set is sorted once. */
function inOrder(names: readonly string[]): Order {
  // No name that is stored holds a zero (BSON ends names by it), so that two sets never look the same.
  const set = names.join('\0');
  const known = orders.get(set);
  if (known) return known;
  const order = names.toSorted().map((name) => [name, `${JSON.stringify(name)}:`] as const);
  if (orders.size < mostOrders) orders.set(set, order);
  return order;
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Not quoted as JSON would: nothing that stands in a record can look the same. */
function tagged(type: string, value: unknown): string {
  return `${type}(${String(value)})`;
}

/** Looks at the records of one chain, one after the other in the order in which they stand. */
export class ChainCheck {
  readonly faults: ChainFault[] = [];
  private readonly chain: string;
  private last: ChainHead = genesis;

  constructor(chain: string) {
    this.chain = chain;
  }

  /** Position of the last record that was looked at. */
  get lastSeq(): number {
    return this.last.seq;
  }

  add(record: ChainLink): void {
    const { seq, hash, previousHash } = record;
    const next = this.last.seq + 1;
    if (record.chain !== this.chain) this.fault('foreign', seq, 'belongs to another chain');
    if (hashOf(record) !== hash) this.fault('changed', seq, 'is not what was recorded: its content has another hash');
    if (seq > next) {
      this.fault('missing', next, seq - next === 1 ? 'is missing' : `and those up to ${seq - 1} are missing`);
    } else if (seq === this.last.seq) {
      this.fault('forked', seq, 'is there twice: the chain has two ends');
    } else if (seq < next) {
      this.fault('reordered', seq, `stands behind record ${this.last.seq}`);
    } else if (previousHash !== this.last.hash) {
      this.fault('unlinked', seq, `does not follow from the record before it: one of the two was replaced`);
    }
    this.last = seq > this.last.seq ? { seq, hash } : this.last;
  }

  /** @param head where the chain ends, as it was noted down with its last record */
  end(head: ChainHead | undefined): readonly ChainFault[] {
    const { seq, hash } = this.last;
    if (!head && seq === 0) {
      this.faults.push({ kind: 'absent', seq, detail: 'There is no record, and no note of an end.' });
    } else if (!head) {
      this.fault('head-missing', seq, 'is the last one there, but where the chain ends is not noted');
    } else if (head.seq > seq) {
      this.fault('cut-off', seq + 1, `and all up to the end, ${head.seq}, are missing`);
    } else if (head.seq < seq) {
      this.fault('added', head.seq + 1, 'stands behind the end of the chain');
    } else if (head.hash !== hash) {
      this.fault('head-wrong', seq, 'is the last one, but another one was noted as the end');
    }
    return this.faults;
  }

  private fault(kind: ChainFault['kind'], seq: number, what: string): void {
    this.faults.push({ kind, seq, detail: `Record ${seq} ${what}.` });
  }
}
