import { describe, expect, it } from 'vitest';
import { isNetwork, webhookAddressRules } from '../../domain/webhook-address.ts';

describe('where events may be sent', () => {
  const rules = webhookAddressRules([]);

  it.each([
    'https://example.com/events',
    'https://example.com:8443/events?token=x',
    'https://8.8.8.8/events',
    'https://[2606:4700:4700::1111]/',
  ])('%s', (url) => expect(rules.refuseUrl(url)).toBeUndefined());

  it.each([
    ['events', 'no URL'],
    ['http://example.com/', 'https://'],
    ['ftp://example.com/', 'https://'],
    ['https://user:password@example.com/', 'password'],
    ['https://example.com/#here', '#'],
    ['https://10.1.2.3/', 'public Internet'],
    ['https://169.254.169.254/latest/meta-data', 'public Internet'],
    ['https://127.0.0.1/', 'public Internet'],
    ['http://localhost:3000/', 'public Internet'],
    ['https://[::1]/', 'public Internet'],
    ['https://[fd00::1]/', 'public Internet'],
    ['https://[::ffff:10.0.0.1]/', 'public Internet'],
    // The same address in other clothes.
    ['https://2130706433/', 'public Internet'],
    ['https://0x7f.1/', 'public Internet'],
    ['https://0177.0.0.1/', 'public Internet'],
    ['https://0.0.0.0/', 'public Internet'],
  ])('not %s', (url, why) => expect(rules.refuseUrl(url)).toContain(why));

  it('networks of one’s own, as far as they are named; loopback by http, too', () => {
    const own = webhookAddressRules(['10.1.0.0/16', '127.0.0.0/8', '::1/128', 'fd00::/8']);
    expect(own.refuseUrl('https://10.1.2.3/')).toBeUndefined();
    expect(own.refuseUrl('https://10.2.2.3/')).toContain('PORTSMS_WEBHOOK_PRIVATE_NETWORKS');
    expect(own.refuseUrl('http://10.1.2.3/')).toContain('https://');
    expect(own.refuseUrl('http://localhost:3000/')).toBeUndefined();
    expect(own.refuseUrl('http://127.0.0.1:3000/')).toBeUndefined();
    expect(own.refuseUrl('http://[::1]:3000/')).toBeUndefined();
    expect(own.permits('fd12::1')).toBe(true);
  });

  it.each([
    ['192.168.1.1', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['100.64.0.1', false],
    ['224.0.0.1', false],
    ['::ffff:127.0.0.1', false],
    ['fe80::1', false],
    ['64:ff9b::a00:1', false],
    ['2606:4700:4700::1111', true],
    ['example.com', false],
  ])('a connection to %s: %s', (address, permitted) => expect(rules.permits(address)).toBe(permitted));

  it.each([
    ['10.0.0.0/8', true],
    ['fd00::/8', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0', false],
    ['example.com/8', false],
    ['10.0.0.0/8/8', false],
    ['', false],
  ])('%s is a network: %s', (text, expected) => expect(isNetwork(text)).toBe(expected));
});
