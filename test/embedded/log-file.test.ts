import { appendFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { followErrors, lastLogLine, prepareLog } from '../../embedded/log-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('the last line that says something is the reason why a process ended', () => {
  const file = join(temporaryFolder(), 'log');
  expect(lastLogLine(file)).toBe('');
  writeFileSync(file, 'Error: no route\n    at main (x.js:1:1)\n\nNode.js v20.20.2\n');
  expect(lastLogLine(file)).toBe(': Error: no route');
  appendFileSync(file, '{"level":60,"msg":"said \\"enough\\""}\n');
  expect(lastLogLine(file)).toBe(': said "enough"');
});

test('a log above 50 MB is kept aside at start, a smaller one is continued', () => {
  const file = join(temporaryFolder(), 'logs', 'api.log');
  prepareLog(file);
  writeFileSync(file, 'x');
  prepareLog(file);
  expect(existsSync(`${file}.1`)).toBe(false);
  truncateSync(file, 50 * 1024 * 1024 + 1);
  prepareLog(file);
  expect([existsSync(file), existsSync(`${file}.1`)]).toEqual([false, true]);
});

test('errors that are appended are reported, whole and nothing else', async () => {
  const file = join(temporaryFolder(), 'log');
  writeFileSync(file, '{"level":50,"msg":"before"}\n');
  const seen: string[] = [];
  onTestFinished(followErrors(file, (message) => seen.push(message)));
  appendFileSync(file, '{"level":30,"msg":"fine"}\nplain\n{"level":50,"msg":"bro');
  await new Promise((resolve) => setTimeout(resolve, 700));
  appendFileSync(file, 'ken"}\n{"level":60,"msg":"worse"}\n');
  await expect.poll(() => seen, { timeout: 3_000 }).toEqual(['broken', 'worse']);
});
