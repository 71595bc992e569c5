import type { startOwnStack } from '../../cli/demo/site.ts';
import type { startStack } from '../../embedded/stack.ts';
import { compiled } from '../compiled.ts';

type Stacks = { readonly startStack: typeof startStack };
type DemoStacks = { readonly startOwnStack: typeof startOwnStack };

/** As in embedded/stack.ts, and so are the processes: a stack runs in the form that its starter has. */
export const { startStack: startCompiledStack } = (await import(compiled('embedded/stack.ts'))) as Stacks;

/** As in cli/demo/site.ts. */
export const { startOwnStack: startCompiledDemoStack } = (await import(compiled('cli/demo/site.ts'))) as DemoStacks;
