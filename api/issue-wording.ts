import type { z } from 'zod';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** What a limit counts, by what it limits. */
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' };

const isMissing = 'Is missing.';

/** True for a field that was not sent; needs the input reported. Its schema's own words are about what was. */
function isAbsent(issue: z.core.$ZodIssue): boolean {
  const { code, input } = issue;
  if (code === 'invalid_union' && input !== undefined) {
    const { discriminator } = issue;
    return discriminator !== undefined && typeof input === 'object' && input !== null && !(discriminator in input);
  }
  return ['invalid_type', 'invalid_value', 'invalid_union'].includes(code) && input === undefined;
}

/** What is wrong with a request, for its sender, of what was parsed with `wordingOf` and the input reported. */
export const messageOf = (issue: z.core.$ZodIssue): string => (isAbsent(issue) ? isMissing : issue.message);

/** What is wrong with a field, for its sender; undefined leaves it to the schema library. Never holds what was sent but for a field's name. */
export function wordingOf(issue: RawIssue): string | undefined {
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
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `Is none of ${issue.options.map(String).join(', ')}.`
        : [...new Set(issue.errors?.flat().map(({ message }) => message))].join(' ') || undefined;
    default:
      return undefined;
  }
}
