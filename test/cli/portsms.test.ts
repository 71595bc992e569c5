import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../cli/portsms.ts';

const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
const err = vi.spyOn(console, 'error').mockImplementation(() => undefined);
afterEach(() => void vi.clearAllMocks());

test('help lists the commands', async () => {
  expect(await main(['--help'])).toBe(0);
  for (const command of [
    'start',
    'demo',
    'bench',
    'database:build',
    'timeline',
    'archive',
    'jurisdictions',
    'route',
    'prices',
  ])
    expect(out.mock.calls.join()).toContain(`\n  ${command} `);
  expect(err).not.toHaveBeenCalled();
});

test.each([
  ['archive', 'show', 'port_1', '--fast'],
  ['bench', 'nothing'],
  ['bench', 'held', '--fast'],
])('options that portsms %s … does not have are one line', async (...args) => {
  expect(await main(args)).toBe(2);
  expect(err.mock.calls.map(([line]) => String(line))).toEqual([expect.stringMatching(/^portsms \w+: .*$/)]);
});

test.each([
  [['--currency', 'EURO'], '--currency takes three capital letters, like USD'],
  [[], '--currency takes three capital letters, like USD'],
  [['--currency', 'USD', '--from', 'soon'], '--from takes a time, like 2026-12-01T00:00:00Z'],
])('a price list with %j is turned down with what is wrong', async (options, told) => {
  expect(await main(['prices', 'import', 'alpha', 'prices.csv', ...options])).toBe(2);
  expect(err.mock.calls).toEqual([[told]]);
});

test.each([
  ['archive', 'portsms archive show PORT '],
  ['start', 'portsms start: starts everything'],
])('portsms %s --help says how it is called, and runs nothing', async (command, usage) => {
  expect(await main([command, '--help'])).toBe(0);
  expect(out.mock.calls.join()).toContain(usage);
});

test('what is no command is named', async () => {
  await main(['fly']);
  expect(err.mock.calls.join()).toContain('There is no command «fly».');
});

test.each([[[]], [['fly']]])('%j is no command: they are listed, and it is a failure', async (args: string[]) => {
  expect(await main(args)).toBe(2);
  expect(err.mock.calls.join()).toContain('start');
});
