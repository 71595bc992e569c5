import type { Carrier } from '../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../carriers/errors.ts';
import { type ChecklistItem, checklistOf, itemConcerns, type Seen } from '../domain/cutover-checklist.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';

type ListedPort = Pick<PortDocument, 'country' | 'messagingPlan' | 'losingCarrier' | 'gainingCarrier' | 'checklist'> & {
  readonly numbers: readonly { readonly numberKey: string }[];
};

/** What is to be done before a port's date, and what of it is. */
export interface Checklists {
  read(port: ListedPort): Promise<ChecklistItem[]>;
  /** The campaign that a number is attached to when it has arrived; undefined when there is none, or it needs none. */
  campaignFor(
    port: Pick<ListedPort, 'messagingPlan' | 'gainingCarrier' | 'checklist'>,
    number: NumberDocument,
  ): string | undefined;
}

export function createChecklists(deps: {
  readonly store: Pick<Store, 'numbers' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}): Checklists {
  const { store, carriers } = deps;

  const namedCampaign = ({ checklist, gainingCarrier }: Pick<ListedPort, 'checklist' | 'gainingCarrier'>) =>
    checklist?.campaign?.reference ?? carriers.get(gainingCarrier)?.settings.campaignId;

  /** Whether the carrier says so of every toll-free number. One that does not answer leaves it to a person. */
  async function tollFreeVerified(numbers: readonly NumberDocument[], gainingCarrier: string): Promise<boolean> {
    const senders = numbers.filter(({ type }) => type === 'toll-free').map(({ number }) => store.vault.open(number));
    const client = carriers.get(gainingCarrier)?.senderVerification;
    if (senders.length === 0 || !client) return false;
    try {
      const states = await client.verificationsOf(senders);
      return senders.every((sender) => states.get(sender) === 'verified');
    } catch (error) {
      if (error instanceof CarrierRefused || error instanceof CarrierUnavailable) return false;
      throw error;
    }
  }

  return {
    async read(port) {
      const keys = port.numbers.map((each) => each.numberKey);
      const numbers = [...(await store.numbers.findMany(keys)).values()];
      const seen = new Set<Seen>();
      if (port.losingCarrier !== undefined && carriers.has(port.losingCarrier)) seen.add('losing-carrier-is-ours');
      if (namedCampaign(port) !== undefined) seen.add('campaign-is-named');
      if (numbers.length === keys.length && numbers.every((number) => number.standbyKey !== undefined)) {
        seen.add('standby-senders-are-set');
      }
      if (await tollFreeVerified(numbers, port.gainingCarrier)) seen.add('toll-free-senders-are-verified');
      return checklistOf({
        country: port.country,
        types: new Set(numbers.flatMap((number) => number.type ?? [])),
        plan: port.messagingPlan,
        marks: port.checklist ?? {},
        seen,
      });
    },

    campaignFor(port, number) {
      if (port.checklist?.campaign?.state === 'not-applicable') return undefined;
      if (!carriers.get(port.gainingCarrier)?.campaigns) return undefined;
      const concerned = itemConcerns('campaign', port.messagingPlan, number.country ?? '', number.type ?? 'other');
      return concerned ? namedCampaign(port) : undefined;
    },
  };
}
