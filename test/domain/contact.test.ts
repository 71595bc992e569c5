import { expect, it } from 'vitest';
import { isContact } from '../../domain/contact.ts';

it.each([
  ['help@northwind.example', true],
  ['+1 (206) 555-0100', true],
  ['0800 123', true],
  ['https://northwind.example/help', true],
  ['northwind.example', true],
  ['Northwind', false],
  ['112', false],
  ['call us', false],
  ['help@northwind.example\nWin now', false],
  [`${'a'.repeat(100)}.example`, false],
])('%j is a contact: %s', (text, expected) => {
  expect(isContact(text)).toBe(expected);
});
