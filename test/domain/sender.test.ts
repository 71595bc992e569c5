import { describe, expect, it } from 'vitest';
import { parseSender, senderAllowedTo } from '../../domain/sender.ts';

describe('parseSender', () => {
  it.each([
    ['+12025550100', 'e164'],
    ['12345', 'short-code'],
    ['60123', 'short-code'],
    ['12345678', 'short-code'],
    ['ACME', 'alphanumeric'],
    ['Acme Bank 1', 'alphanumeric'],
    ['H&M', 'alphanumeric'],
    ['1Password', 'alphanumeric'],
  ])('%j is a sender of kind %s', (input, kind) => {
    expect(parseSender(input)).toMatchObject({ ok: true, sender: { kind, value: input } });
  });

  it('knows the country and type of a number', () => {
    expect(parseSender('+442079460000')).toMatchObject({ sender: { country: 'GB', type: 'fixed' } });
  });

  it.each([
    ['+1202', 'phone-number-malformed'],
    ['+15555550100', 'phone-number-invalid'],
    ['', 'sender-invalid'],
    ['12', 'sender-invalid'],
    ['123456789', 'sender-invalid'],
    ['2025550100', 'sender-invalid'],
    ['012345', 'sender-invalid'],
    ['ABCDEFGHIJKL', 'sender-invalid'],
    ['Ačme', 'sender-invalid'],
    [' ACME', 'sender-invalid'],
    ['ACME ', 'sender-invalid'],
    ['12 34', 'sender-invalid'],
    ['ACME\n', 'sender-invalid'],
  ])('refuses %j as %s', (input, code) => {
    expect(parseSender(input)).toMatchObject({ ok: false, code });
  });
});

describe('senderAllowedTo', () => {
  const name = { kind: 'alphanumeric', value: 'ACME' } as const;
  const number = { kind: 'e164', value: '+12025550100', country: 'US', type: 'fixed-or-mobile' } as const;

  it.each(['US', 'CA', 'PR'])('no name to %s', (country) => {
    expect(senderAllowedTo(name, country)).toMatchObject({ allowed: false, code: 'sender-not-allowed-in-country' });
  });

  it.each([
    ['a name to Britain', name, 'GB'],
    ['a number to the US', number, 'US'],
    ['a number abroad', number, 'DE'],
    ['a short code to the US', { kind: 'short-code', value: '12345' } as const, 'US'],
  ])('%s', (_, sender, country) => {
    expect(senderAllowedTo(sender, country)).toEqual({ allowed: true });
  });
});
