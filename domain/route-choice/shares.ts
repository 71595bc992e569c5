import { z } from 'zod';
import { type MessageKind, messageKinds } from '../message.ts';

/** A share, 0 to 1, for some kinds of texts. */
export type SharesByKind = Readonly<Partial<Record<MessageKind, number>>>;

const one = new RegExp(`^(${messageKinds.join('|')})=(0(\\.\\d+)?|1(\\.0+)?)$`);

/** Reads `transactional=0.02,marketing=0.05`. */
export const sharesByKind = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine(
    (pairs) => pairs.every((each) => one.test(each)),
    `must be kinds with a share from 0 to 1, for example transactional=0.02,marketing=0.05; kinds are ${messageKinds.join(', ')}`,
  )
  .transform(
    (pairs): SharesByKind =>
      Object.fromEntries(pairs.map((each) => each.split('=')).map(([kind, share]) => [kind, Number(share)])),
  );
