import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { PortabilityEntry } from '../npdb/adapter.ts';
import { portabilityAdapters } from '../npdb/registry.ts';
import type { CarrierEntry } from './adapter.ts';
import { carrierAdapters } from './registry.ts';

/** Carriers and portability look-ups as configured, checked and with their secrets; never log it. */
export interface CarrierConfiguration {
  readonly carriers: readonly CarrierEntry[];
  readonly portability: readonly PortabilityEntry[];
}

/** The configuration of the carriers can't be used. Each problem is one line that says where and what. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration of the carriers has ${problems.length} problem(s): ${problems.join('; ')}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const entry = z.looseObject({ adapter: z.string() });
const declaration = z.looseObject({ id: z.string(), adapter: z.string() });
const file = z.strictObject({ carriers: z.array(z.unknown()).min(1), portability: z.array(z.unknown()).default([]) });

/**
 * Reads the file of carriers (design: "Carriers are configuration").
 * @param yamlText the file's content
 * @param environment where `env:NAME` takes its secrets from
 * @throws ConfigurationError with every problem found
 */
export function loadCarriers(yamlText: string, environment: Environment): CarrierConfiguration {
  const document = parseDocument(yamlText);
  if (document.errors.length > 0) {
    throw new ConfigurationError(document.errors.map((error) => error.message.split('\n', 1)[0] ?? error.code));
  }
  const problems: string[] = [];
  const content = withSecrets(document.toJS(), environment, [], problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const outline = file.safeParse(content);
  if (!outline.success) throw new ConfigurationError(lines('the file', outline.error));

  const carriers = outline.data.carriers.flatMap((each, index) => {
    const read = readEntry<CarrierEntry>(each, `carriers[${index}]`, carrierAdapters, problems);
    return read ? [read.config] : [];
  });
  problems.push(...doubledIds(carriers));
  // Also the ones that have problems of their own: they are reported once.
  const declared = outline.data.carriers.flatMap((each) => declaration.safeParse(each).data ?? []);
  const portability = outline.data.portability.flatMap((each, index) => {
    const place = `portability[${index}]`;
    const read = readEntry<PortabilityEntry>(each, place, portabilityAdapters, problems);
    if (!read) return [];
    const adapter = portabilityAdapters.get(read.config.adapter);
    for (const problem of adapter?.problems?.(read.config, declared) ?? []) problems.push(`${place}: ${problem}`);
    return [read.config];
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze({ carriers: Object.freeze(carriers), portability: Object.freeze(portability) });
}

function readEntry<Entry>(
  value: unknown,
  place: string,
  adapters: ReadonlyMap<string, { readonly schema: z.ZodType<Entry> }>,
  problems: string[],
): { config: Entry } | undefined {
  const outline = entry.safeParse(value);
  if (!outline.success) {
    problems.push(...lines(place, outline.error));
    return undefined;
  }
  const named = typeof outline.data.id === 'string' ? `${place} (${outline.data.id})` : place;
  const adapter = adapters.get(outline.data.adapter);
  if (!adapter) {
    problems.push(`${named}: unknown adapter "${outline.data.adapter}"; known are ${[...adapters.keys()].join(', ')}`);
    return undefined;
  }
  const parsed = adapter.schema.safeParse(outline.data);
  if (!parsed.success) {
    problems.push(...lines(named, parsed.error));
    return undefined;
  }
  return { config: parsed.data };
}

function lines(place: string, error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${place}: unknown key "${[path, key].filter(Boolean).join('.')}"`);
    }
    return [`${place}: ${path ? `${path}: ` : ''}${issue.message}`];
  });
}

function doubledIds(carriers: readonly CarrierEntry[]): string[] {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const { id } of carriers) (seen.has(id) ? doubled : seen).add(id);
  return [...doubled].map((id) => `carriers: the id "${id}" is given to more than one carrier`);
}

const secretPrefix = 'env:';

/** Replaces every `env:NAME` by the value of that variable. */
function withSecrets(value: unknown, environment: Environment, path: string[], problems: string[]): unknown {
  if (typeof value === 'string' && value.startsWith(secretPrefix)) {
    const name = value.slice(secretPrefix.length);
    const secret = environment[name];
    if (secret) return secret;
    problems.push(`${path.join('.')}: the environment variable ${name} is not set`);
    return value;
  }
  if (Array.isArray(value))
    return value.map((each, index) => withSecrets(each, environment, at(path, index), problems));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withSecrets(each, environment, [...path, key], problems)]),
  );
}

/** `carriers[0]` as one step of a path. */
function at(path: readonly string[], index: number): string[] {
  return [...path.slice(0, -1), `${path.at(-1) ?? ''}[${index}]`];
}
