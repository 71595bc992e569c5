import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { State } from '../../../simulator/world/state.ts';
import { until } from '../until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = (): { turn: number } => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')).world;

/** A world of so many characters, and how often it has changed. */
function world(characters: number) {
  const state = new State(folder);
  const current = { turn: 0, filling: 'x'.repeat(characters) };
  state.keep('world', () => current);
  return {
    state,
    change() {
      current.turn += 1;
      state.save();
    },
  };
}

describe('what outlives the simulator', () => {
  it('is written at once while it is small', () => {
    const { change, state } = world(1000);
    for (let turn = 1; turn <= 3; turn++) {
      change();
      expect(written().turn).toBe(turn);
    }
    state.close();
  });

  it('is written less often than it changes when it is large, and never forgotten', async () => {
    const { change, state } = world(3_000_000);
    change();
    expect(written().turn).toBe(1);
    for (let turn = 2; turn <= 50; turn++) change();
    expect(written().turn).toBe(1);
    await until(() => written().turn === 50, 20_000);
    state.close();
  });

  it('is written when it ends, whatever was to be written later', () => {
    const { change, state } = world(3_000_000);
    change();
    change();
    state.close();
    expect(written().turn).toBe(2);
    change();
    expect(written().turn, 'nothing is written any more').toBe(2);
  });

  it('is taken up by the next process', () => {
    const { change, state } = world(10);
    change();
    state.close();
    expect(new State(folder).keep('world', () => ({ turn: 0 }))?.turn).toBe(1);
  });
});
