import { impliedConsentEnds } from '../domain/implied-consent.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { honourBy } from '../domain/revocation-rules.ts';
import type { ConsentEntry } from '../store/consents.ts';
import type { Vault } from '../store/vault.ts';
import { pastMoment } from './past-moment.ts';
import { Problem } from './problem.ts';
import type { ConsentRequest, ReassignmentCheckRequest, RevocationRequest } from './schemas/consents.ts';
import { partiesOf, sealEvidence } from './views/consent-view.ts';

/**
 * The event that a caller's consent becomes: a grant, or where the person is to confirm it a request. The person's key has been loaded.
 * @throws Problem `invalid-request`
 */
export function grantOf(id: string, body: ConsentRequest, vault: Vault, now: Date): ConsentEntry {
  const at = pastMoment('capturedAt', body.capturedAt, now);
  const country = countryOf(body.phoneNumber);
  const end = endOf(body, country, at);
  if (end && end.expiresAt <= now) {
    throw new Problem('invalid-request', 'A consent that has expired permits nothing.', {
      errors: [{ path: 'expiresAt', message: `Lies in the past (${end.rule}).` }],
    });
  }
  const { confirmation } = body;
  if (confirmation && body.sender === undefined) {
    throw new Problem('invalid-request', 'Name the sender that asks for the confirmation.', {
      errors: [{ path: 'sender', message: 'Is needed for a confirmation.' }],
    });
  }
  const about = { phoneNumber: body.phoneNumber, ...(body.sender !== undefined && { sender: body.sender }) };
  const question = confirmation?.question;
  const evidence = { ...body.evidence, ...(question !== undefined && { question }) };
  return {
    _id: id,
    type: confirmation ? 'requested' : 'granted',
    ...scopeOf(body, vault),
    basis: body.basis,
    ...(body.lawfulBasis && { lawfulBasis: body.lawfulBasis }),
    source: 'api',
    at,
    ...(confirmation
      ? {
          expiresAt: new Date(now.getTime() + confirmation.withinHours * 3600_000),
          ...(end && { grantsUntil: end.expiresAt }),
        }
      : end && { expiresAt: end.expiresAt }),
    ...(end && { expiresBecause: end.rule }),
    ...placeOf(body.jurisdiction ?? country),
    evidence: sealEvidence(vault, about, evidence),
  };
}

/** The event that a no becomes, by whatever means it came. The person's key has been loaded. @throws Problem `invalid-request` */
export function revocationOf(id: string, body: RevocationRequest, vault: Vault, now: Date): ConsentEntry {
  const at = pastMoment('revokedAt', body.revokedAt, now);
  const country = countryOf(body.phoneNumber);
  return {
    _id: id,
    type: 'revoked',
    ...scopeOf(body, vault),
    basis: 'opt-out',
    source: 'api',
    at,
    honourBy: honourBy(country, at),
    ...placeOf(country),
    evidence: sealEvidence(
      vault,
      { phoneNumber: body.phoneNumber, ...(body.sender !== undefined && { sender: body.sender }) },
      { channel: body.channel, ...(body.words !== undefined && { words: body.words }) },
    ),
  };
}

/**
 * What a look-up of whether a consent's number still is the person's becomes: the note of it and, where the number was reassigned, the
 * revocation of the consent, for who has it now never gave it. The person's key has been loaded. @throws Problem `invalid-request`
 */
export function checkOf(
  id: string,
  grant: ConsentGrant,
  { result, checkedAt, source }: ReassignmentCheckRequest,
  vault: Vault,
  now: Date,
): ConsentEntry[] {
  const at = pastMoment('checkedAt', checkedAt, now);
  const about = {
    ...keyedScopeOf(grant),
    source: 'api' as const,
    at,
    evidence: vault.sealFor(grant.subjectKey, JSON.stringify({ ...partiesOf(grant, vault), source })),
  };
  const check: ConsentEntry = {
    ...about,
    _id: id,
    type: 'checked',
    basis: grant.basis,
    about: grant._id,
    reassigned: result,
  };
  if (result !== 'yes') return [check];
  const _id = vault.deriveId('cns', 'reassigned', grant._id);
  return [check, { ...about, _id, type: 'revoked', basis: 'opt-out', revokes: grant._id, about: id }];
}

/** A consent on record. */
export type ConsentGrant = ConsentEntry & { readonly type: 'granted' };

/** Whom an event is about, which sender and which kinds. */
export function keyedScopeOf({ subjectKey, senderKey, kinds }: ConsentEntry) {
  return { subjectKey, ...(senderKey !== undefined && { senderKey }), ...(kinds && { kinds }) };
}

/** When it ends, and why: as told, or by the law of the place, whichever is earlier. */
function endOf(
  body: ConsentRequest,
  country: string | undefined,
  at: Date,
): { expiresAt: Date; rule: string } | undefined {
  const told = body.expiresAt === undefined ? undefined : { expiresAt: new Date(body.expiresAt), rule: 'told' };
  const byLaw = body.basis === 'implied' && country ? impliedConsentEnds(country, body.impliedBy, at) : undefined;
  return told && byLaw ? (told.expiresAt < byLaw.expiresAt ? told : byLaw) : (told ?? byLaw);
}

function scopeOf(body: Pick<ConsentRequest, 'phoneNumber' | 'sender' | 'kinds'>, vault: Vault) {
  return {
    subjectKey: vault.numberKey(body.phoneNumber),
    ...(body.sender !== undefined && { senderKey: vault.numberKey(body.sender) }),
    ...(body.kinds && { kinds: body.kinds }),
  };
}

function countryOf(phoneNumber: string): string | undefined {
  const parsed = parsePhoneNumber(phoneNumber);
  return parsed.ok ? parsed.country : undefined;
}

function placeOf(jurisdiction: string | undefined): Pick<ConsentEntry, 'jurisdiction'> {
  return jurisdiction === undefined ? {} : { jurisdiction };
}
