import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replacing } from '../vitest.config.ts';

const root = join(import.meta.dirname, '..');

/** What each folder may import (design: "Imports go one way"); `:type` for types only. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  carriers: ['domain', 'npdb'],
  npdb: ['domain', 'carriers'],
  store: ['domain'],
  config: ['domain'],
  workflows: ['domain/lifecycle', 'domain:type', 'activities:type'],
  intake: ['carriers', 'npdb', 'store', 'domain', 'workflows/contract.ts'],
  activities: ['intake', 'carriers', 'npdb', 'store', 'domain', 'workflows/contract.ts'],
  worker: ['activities', 'intake', 'carriers', 'npdb', 'store', 'domain', 'config', 'workflows'],
  api: ['activities', 'intake', 'carriers', 'npdb', 'store', 'domain', 'config', 'workflows/contract.ts'],
  embedded: ['config', 'workflows/contract.ts'],
  // The demo calls the API and watches the simulator as anybody could: of both it imports the shapes of what they say, no code.
  // The store only for who verifies and reads the audit.
  cli: ['embedded', 'config', 'store', 'domain', 'workflows/contract.ts', 'api/schemas:type', 'simulator/world:type'],
  bench: [
    'domain',
    'embedded',
    'config',
    'store',
    'workflows/contract.ts',
    'worker/search-attributes.ts',
    'activities:type',
  ],
  // The outside world: it knows nothing of the product.
  simulator: [],
};

const filesOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, folder, file));

describe('imports go one way', () => {
  test.each(Object.entries(allowed))('%s', (folder, targets) => {
    const wrong = filesOf(folder).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)(\s+type)?[^;]*?from '(\.[^']+)'/gms)].flatMap(
        ([, type, specifier]) => {
          const target = relative(root, normalize(join(dirname(file), specifier ?? '')));
          const inside = target.startsWith(`${folder}/`);
          const permitted = targets.some((each) => {
            const [path, kind] = each.split(':');
            return (target === path || target.startsWith(`${path}/`)) && (kind !== 'type' || type !== undefined);
          });
          return inside || permitted ? [] : [`${relative(root, file)} imports ${target}`];
        },
      ),
    );
    expect(wrong).toEqual([]);
  });
});

test('a test that replaces a module has a process of its own', () => {
  const found = filesOf('test').filter((file) => /^\s*vi\.(?:do)?[Mm]ock\(/m.test(readFileSync(file, 'utf8')));
  expect(found.map((file) => relative(root, file)).sort()).toEqual(replacing);
});

test('an activity that may take half a minute says that it is alive: what a killed worker had in hand is not waited for', () => {
  // Local ones end with the workflow task of their worker.
  const calls = /proxyActivities<[^(]*\(\{([^}]*startToCloseTimeout: '(\d+) (second|minute|hour)s?'[^}]*)/g;
  const found = filesOf('workflows').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(calls)].map(([, options = '', count, unit]) => ({
      call: `${relative(root, file)}: ${options.trim()}`,
      seconds: Number(count) * { second: 1, minute: 60, hour: 3600 }[unit as 'hour'],
      silent: !options.includes('heartbeatTimeout'),
    })),
  );
  expect(found.length).toBeGreaterThan(15);
  expect(found.filter(({ seconds, silent }) => silent && seconds >= 30)).toEqual([]);
});
