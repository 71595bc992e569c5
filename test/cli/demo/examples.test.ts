import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readExamples } from '../../../cli/demo/examples.ts';
import { messageKinds } from '../../../domain/message.ts';
import { parsePhoneNumber } from '../../../domain/phone-number.ts';
import { segmentText } from '../../../domain/segments.ts';
import { projectFile } from '../../../embedded/project-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'portsms-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the examples hold what the demo promises', async () => {
  const { ports, numbers, consents, outbound, inbound } = await readExamples('-run');
  const countryOf = (phoneNumber: string) => {
    const parsed = parsePhoneNumber(phoneNumber);
    return parsed.ok ? parsed.country : undefined;
  };
  const all = [...outbound, ...inbound].flatMap(({ from, to }) => [from, to]);
  expect([...all, ...consents.map((row) => row.phoneNumber)].filter((each) => !countryOf(each))).toEqual([]);
  expect(ports.length).toBeGreaterThanOrEqual(5);
  expect(new Set(ports.map((row) => countryOf(row.phoneNumber)))).toEqual(new Set(['US', 'GB', 'FR']));
  expect(outbound.length + inbound.length).toBeGreaterThanOrEqual(300);
  for (const { phoneNumber } of ports) {
    const kinds = outbound.filter(({ from }) => from === phoneNumber).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(messageKinds));
    expect(inbound.filter(({ to }) => to === phoneNumber).length).toBeGreaterThan(5);
  }
  const long = [...outbound, ...inbound].map(({ text }) => segmentText(text)).filter(({ parts }) => parts.length > 1);
  expect(new Set(long.map(({ alphabet }) => alphabet))).toEqual(new Set(['gsm7', 'ucs2']));
  expect(numbers.filter(({ standbySender }) => standbySender)).toHaveLength(1);
  expect(outbound[0]?.text).toContain('-run');
});

const good = { at: 0, direction: 'inbound', from: '+14255550110', to: '+12065550101', text: 'hi' };
test.each([
  ['messages.ndjson', '{"at":', /^messages\.ndjson, line 1 is not JSON/],
  [
    'messages.ndjson',
    JSON.stringify({ ...good, to: '12065550101' }),
    /^messages\.ndjson, line 1: to is no number in E\.164/,
  ],
  ['messages.ndjson', `${JSON.stringify(good)}\n\n${JSON.stringify(good)}\n`, /two equal texts to one number: «hi»/],
  ['numbers.csv', 'phoneNumber,carrier,standbySender\n+12065550101,,\n', /^numbers\.csv, line 2: carrier/],
])('what is wrong in %s is named with its line', async (file, content, message) => {
  cpSync(projectFile('examples'), folder, { recursive: true });
  writeFileSync(join(folder, file), content);
  await expect(readExamples('', folder)).rejects.toThrow(message);
});
