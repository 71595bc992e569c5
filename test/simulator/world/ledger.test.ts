import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger, type LedgerEntry } from '../../../simulator/world/ledger.ts';
import { Tally } from '../../../simulator/world/tally.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function opened(): { ledger: Ledger; replayed: LedgerEntry[] } {
  const replayed: LedgerEntry[] = [];
  const ledger = new Ledger(dataDir);
  ledger.replay((entry) => replayed.push(entry));
  return { ledger, replayed };
}

const seqs = (lines: Iterable<string>) => [...lines].map((line) => (JSON.parse(line) as LedgerEntry).seq);

describe('the ledger', () => {
  it('goes on counting where the process before it ended, and drops a line that was cut off', () => {
    const first = opened().ledger;
    for (let i = 0; i < 3; i++) first.record({ event: 'submitted', text: `Grüße ${i}` });
    first.close();
    appendFileSync(join(dataDir, 'ledger.jsonl'), '{"seq":4,"event":"acc');
    const { ledger, replayed } = opened();
    expect(replayed.map(({ text }) => text)).toEqual(['Grüße 0', 'Grüße 1', 'Grüße 2']);
    ledger.record({ event: 'accepted' });
    expect(seqs(ledger.since(2))).toEqual([3, 4]);
    ledger.close();
    expect(opened().replayed.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it.each([0, 1, 1023, 1024, 1025, 4999, 5000, 6000])('gives what is after %i', (since) => {
    const { ledger } = opened();
    for (let i = 0; i < 5000; i++) ledger.record({ event: 'submitted', text: 'x'.repeat(i % 200) });
    const after = seqs(ledger.since(since));
    expect(after).toHaveLength(Math.max(5000 - since, 0));
    if (since < 5000) expect(after[0]).toBe(since + 1);
    ledger.close();
    const again = opened().ledger;
    expect(seqs(again.since(since))).toEqual(after);
    again.close();
  });
});

describe('the account of it', () => {
  const tally = (...entries: Partial<LedgerEntry>[]) => {
    const account = new Tally();
    for (const entry of entries) {
      account.add({ seq: 1, at: '', event: 'submitted', from: 'a', to: 'b', text: 'c', ...entry });
    }
    return account.summary(entries.length, 0);
  };
  const part = { reference: 1, total: 2, sequence: 1 };

  it('counts a text by (from, to, text): accepted by whom, at the handset how often', () => {
    const { outbound } = tally(
      { event: 'accepted', carrier: 'alpha' },
      { event: 'accepted', carrier: 'telnyx' },
      { event: 'delivered', carrier: 'alpha' },
      { event: 'delivered', carrier: 'telnyx' },
      { event: 'accepted', carrier: 'alpha', text: 'd' },
    );
    expect(outbound).toMatchObject({
      texts: 2,
      acceptedOnce: 1,
      acceptedAgain: 1,
      doubled: 1,
      acceptedNotDelivered: 1,
    });
  });

  it('leaves segments out', () => {
    expect(tally({ event: 'accepted', part }, { event: 'delivered', part }).outbound.texts).toBe(0);
  });

  it('counts an inbound text once for each sending, whoever brings its copies', () => {
    const { inbound } = tally(
      { event: 'mo-sent' },
      { event: 'mo-delivered', carrier: 'alpha' },
      { event: 'mo-delivered', carrier: 'telnyx' },
      { event: 'mo-sent', text: '1' },
      { event: 'mo-sent', text: '1' },
      { event: 'mo-delivered', carrier: 'alpha', text: '1' },
    );
    expect(inbound).toEqual({ texts: 2, sent: 3, delivered: 1, undelivered: 0, copied: 1 });
  });
});
