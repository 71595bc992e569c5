import facts from './facts/cutover-checklist.json' with { type: 'json' };

/** What can be found out without asking a person. */
export type Seen =
  | 'losing-carrier-is-ours'
  | 'campaign-is-named'
  | 'standby-senders-are-set'
  | 'toll-free-senders-are-verified';

interface Row {
  readonly item: string;
  readonly what: string;
  readonly why: string;
  readonly seen?: Seen;
  readonly plans?: readonly string[];
  readonly countries?: readonly string[];
  readonly types?: readonly string[];
  readonly exceptTypes?: readonly string[];
}

const rows = facts.rows as readonly Row[];

export const checklistItems: readonly string[] = rows.map((row) => row.item);
export const checklistStates = ['open', 'done', 'not-applicable'] as const;
export type ChecklistState = (typeof checklistStates)[number];

/** What a person has said of an item. */
export interface ChecklistMark {
  readonly state: ChecklistState;
  readonly at: Date;
  /** What it was done with, e.g. the id of the campaign. */
  readonly reference?: string;
  /** Counts what was said of the item. */
  readonly revision: number;
}

export interface ChecklistItem {
  readonly item: string;
  readonly state: ChecklistState;
  readonly what: string;
  readonly why: string;
  /** Who said so; absent while it is open. */
  readonly by?: 'portsms' | 'caller';
  readonly at?: Date;
  readonly reference?: string;
}

/** The port that is to be cut over. */
export interface ChecklistQuestion {
  /** ISO 3166 alpha-2. */
  readonly country: string;
  /** Of its numbers. */
  readonly types: ReadonlySet<string>;
  readonly plan: string;
  readonly marks: Readonly<Record<string, ChecklistMark>>;
  /** What has been found out, and holds. */
  readonly seen: ReadonlySet<Seen>;
}

/** Every item of a port's checklist. What concerns none of its numbers is `not-applicable` by itself; what a person says, stands. */
export function checklistOf(question: ChecklistQuestion): ChecklistItem[] {
  return rows.map((row) => {
    const { item, what, why } = row;
    const mark = question.marks[item];
    if (mark && mark.state !== 'open') {
      const { state, at, reference } = mark;
      return { item, state, what, why, by: 'caller', at, ...(reference !== undefined && { reference }) };
    }
    if (!applies(row, question)) return { item, state: 'not-applicable', what, why, by: 'portsms' };
    if (row.seen && question.seen.has(row.seen)) return { item, state: 'done', what, why, by: 'portsms' };
    return { item, state: 'open', what, why };
  });
}

/** Whether an item concerns a number of this country and type in a port of this plan. */
export function itemConcerns(item: string, plan: string, country: string, type: string): boolean {
  const row = rows.find((each) => each.item === item);
  return row !== undefined && applies(row, { plan, country, types: new Set([type]) });
}

function applies(row: Row, { plan, country, types }: Pick<ChecklistQuestion, 'plan' | 'country' | 'types'>): boolean {
  const concerned = [...types].filter((type) => row.types?.includes(type) ?? !row.exceptTypes?.includes(type));
  return (
    (row.plans?.includes(plan) ?? true) &&
    (row.countries?.includes(country) ?? true) &&
    (concerned.length > 0 || types.size === 0)
  );
}
