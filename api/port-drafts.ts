import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { requestFingerprint } from './idempotency.ts';
import { beginPort, orderedNumbers, type PortAcceptanceDependencies } from './port-acceptance.ts';
import { checkTerms, countryOf, createPortPreparation } from './port-preparation.ts';
import type { PortProcess } from './port-process.ts';
import { type FieldError, Problem, readBy } from './problem.ts';
import { completed, type DraftBody, type DraftChangeBody, missingFields } from './schemas/port-draft.ts';
import { portRequest } from './schemas/ports.ts';
import { storedTerms } from './stored-terms.ts';

/** Drafts: what is known of a port is kept, what is missing is named, and nothing is ordered until somebody submits it. */
export function createPortDrafts(
  dependencies: PortAcceptanceDependencies & {
    readonly store: Pick<Store, 'ports'>;
    readonly portProcess: Pick<PortProcess, 'start' | 'supplement' | 'submit'>;
  },
) {
  const { store, portProcess } = dependencies;
  const { vault } = store;
  const prepare = createPortPreparation(dependencies);

  /** What is given is checked as if it were ordered. @returns the country of the numbers. @throws Problem */
  function check(body: DraftBody): string {
    checkTerms(body, dependencies.carriers, new Date());
    const countries = new Set(body.phoneNumbers.map((each) => countryOf([each])));
    if (countries.size > 1) {
      throw new Problem('invalid-request', 'Save one draft for each country.', {
        errors: [{ path: 'phoneNumbers', message: 'The numbers are of several countries.' }],
      });
    }
    return countryOf(body.phoneNumbers);
  }

  /** What a draft is made of in the store; personal data sealed. */
  function stored(body: DraftBody, country: string) {
    return {
      numbers: body.phoneNumbers.map((phoneNumber) => ({
        numberKey: vault.numberKey(phoneNumber),
        number: vault.seal(phoneNumber),
      })),
      country,
      ...storedTerms(body, vault),
      draft: vault.seal(JSON.stringify(body)),
    };
  }

  const bodyOf = (port: PortDocument): DraftBody => {
    if (port.draft === undefined || port.status !== 'draft') throw notADraft(port);
    return JSON.parse(vault.open(port.draft)) as DraftBody;
  };

  return {
    /** @returns the draft, once its process has started. @throws Problem */
    save: (id: string, body: DraftBody): Promise<PortDocument> =>
      beginPort(dependencies, id, requestFingerprint(vault, body), async () => {
        const now = new Date();
        return {
          ...stored(body, check(body)),
          _id: id,
          requestHash: requestFingerprint(vault, body),
          createdAt: now,
          updatedAt: now,
          counter: 0,
          status: 'draft',
          since: now.toISOString(),
          requestRevision: 1,
          problems: [],
        };
      }),

    /** Fields that the draft still needs, by their paths. */
    missing: (port: PortDocument): FieldError[] => missingFields(bodyOf(port)),

    /** Completes or corrects a draft. @throws Problem */
    async change(port: PortDocument, change: DraftChangeBody, updateId: string) {
      const body = completed(bodyOf(port), change);
      const country = check(body);
      if (!(await store.ports.changeDraft(port._id, port.requestRevision, stored(body, country)))) {
        throw new Problem('changed-meanwhile', 'Read the draft again, and repeat the change if it is still right.');
      }
      return portProcess.supplement(port._id, port.requestRevision + 1, updateId);
    },

    /** The draft becomes an order like any other. @throws Problem `draft-incomplete`, and those of POST /v1/ports */
    async submit(port: PortDocument, updateId: string) {
      const body = bodyOf(port);
      const missing = missingFields(body);
      if (missing.length > 0) {
        throw new Problem('draft-incomplete', 'Give what `errors` names by PUT, and submit it again.', {
          errors: missing,
        });
      }
      const { draft: _draft, ...rest } = body;
      const { numbers, country, losingCarrier, request } = await prepare(port._id, readBy(portRequest, rest));
      const settled = { numbers, country, request, ...(losingCarrier !== undefined && { losingCarrier }) };
      if (!(await store.ports.changeDraft(port._id, port.requestRevision, settled))) {
        throw new Problem('changed-meanwhile', 'Read the draft again, and submit it if it is still right.');
      }
      return portProcess.submit(port._id, orderedNumbers({ ...port, ...settled }), updateId);
    },
  };
}

function notADraft({ status }: PortDocument): Problem {
  return new Problem('order-not-a-draft', `This port is ${status}; a supplement changes what was ordered.`);
}
