import { describe, expect, it } from 'vitest';
import { FirstAnswer } from '../../npdb/first-answer.ts';
import { type PortabilityDatabase, PortabilityUnavailable } from '../../npdb/portability-database.ts';

const asked: string[] = [];
const database = (name: string, answer: 'knows' | 'does not know' | 'is silent' | 'breaks'): PortabilityDatabase => ({
  name,
  async lookUp() {
    asked.push(name);
    if (answer === 'is silent') throw new PortabilityUnavailable(`${name} is silent.`);
    if (answer === 'breaks') throw new TypeError(`${name} has a defect.`);
    return answer === 'knows' ? { ported: true, source: name, at: '2026-06-30T12:00:00Z' } : undefined;
  },
});

describe('FirstAnswer', () => {
  it('asks in order until one knows the number', async () => {
    asked.length = 0;
    const all = new FirstAnswer([
      database('a', 'does not know'),
      database('b', 'is silent'),
      database('c', 'knows'),
      database('d', 'knows'),
    ]);
    expect(await all.lookUp('+1')).toMatchObject({ source: 'c' });
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(all.name).toBe('a, b, c, d');
  });

  it('does not know a number only when every database has said so', async () => {
    const none = new FirstAnswer([database('a', 'does not know'), database('b', 'does not know')]);
    expect(await none.lookUp('+1')).toBeUndefined();
    const doubtful = new FirstAnswer([database('a', 'is silent'), database('b', 'does not know')]);
    await expect(doubtful.lookUp('+1')).rejects.toThrow('a is silent.');
    await expect(doubtful.lookUp('+1')).rejects.toBeInstanceOf(PortabilityUnavailable);
  });

  it('does not hide a defect', async () => {
    await expect(
      new FirstAnswer([database('a', 'breaks'), database('b', 'knows')]).lookUp('+1'),
    ).rejects.toBeInstanceOf(TypeError);
  });

  it('knows nothing without databases', async () => {
    expect(await new FirstAnswer([]).lookUp('+1')).toBeUndefined();
  });
});
