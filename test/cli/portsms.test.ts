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

test.each([[[]], [['fly']]])('%j is no command: they are listed, and it is a failure', async (args: string[]) => {
  expect(await main(args)).toBe(2);
  expect(err.mock.calls.join()).toContain('start');
});
