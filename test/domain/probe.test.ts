import { expect, test } from 'vitest';
import { probePauseMs, probeText, readProbe } from '../../domain/probe.ts';
import { segmentText } from '../../domain/segments.ts';

const id = 'msg_0123456789abcdef0123456789abcdef';

test('a probe names itself in one GSM-7 segment, and is read where it arrives', () => {
  expect(segmentText(probeText(id))).toMatchObject({ alphabet: 'gsm7', parts: [probeText(id)] });
  expect(readProbe(probeText(id))).toBe(id);
});

test.each(['Port SMS probe', 'Port SMS probe msg_1 and more', `Hello Port SMS probe ${id}`, 'STOP', ''])(
  '«%s» is none',
  (text) => {
    expect(readProbe(text)).toBeUndefined();
  },
);

test('probes are few: every pause is longer, until they are longest; under 40 in three days', () => {
  let count = 0;
  for (let at = 0; at < 72 * 3600_000; at += probePauseMs(count)) count += 1;
  expect(count).toBeGreaterThan(20);
  expect(count).toBeLessThan(40);
  const pauses = Array.from({ length: 30 }, (_, index) => probePauseMs(index + 1));
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses.at(-1)).toBe(4 * 3600_000);
});
