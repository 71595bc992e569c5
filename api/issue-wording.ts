import type { z } from 'zod';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** What a limit counts, by what it limits. */
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' };

/** What is wrong with a field, for its sender; undefined leaves it to the schema library. Never holds what was sent but for a field's name. */
export function wordingOf(issue: RawIssue): string | undefined {
  if (issue.input === undefined) return 'Is missing.';
  switch (issue.code) {
    case 'invalid_type':
      return `Is no ${issue.expected}.`;
    case 'invalid_value':
      return `Is none of ${issue.values.map(String).join(', ')}.`;
    case 'unrecognized_keys':
      return `Is not known here: ${issue.keys.join(', ')}.`;
    case 'too_small':
      if (issue.minimum === 1 && issue.origin in units) return 'Is empty.';
      return `Must be at least ${issue.minimum}${units[issue.origin] ?? ''}.`;
    case 'too_big':
      return `Must be at most ${issue.maximum}${units[issue.origin] ?? ''}.`;
    default:
      return undefined;
  }
}
