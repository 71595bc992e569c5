/** The default alphabet of 3GPP TS 23.038 §6.2.1, by code; position 27 is the escape to the extension table. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** The extension table of 3GPP TS 23.038 §6.2.1.1: code after the escape → character. */
const EXTENSION = new Map<number, string>([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]);

const ESCAPE = 0x1b;
const codes = new Map<string, number[]>();
[...BASIC].forEach((character, code) => {
  if (code !== ESCAPE) codes.set(character, [code]);
});
for (const [code, character] of EXTENSION) codes.set(character, [ESCAPE, code]);

/** Septets, one per octet as SMPP carries them unpacked; undefined when a character is not in the alphabet. */
export function encodeGsm7(text: string): Buffer | undefined {
  const septets: number[] = [];
  for (const character of text) {
    const code = codes.get(character);
    if (!code) return undefined;
    septets.push(...code);
  }
  return Buffer.from(septets);
}

/** The text of unpacked septets; what no alphabet knows becomes a space, as a handset shows it. */
export function decodeGsm7(septets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < septets.length; i++) {
    const code = septets[i] ?? 0;
    if (code === ESCAPE) {
      i += 1;
      text += EXTENSION.get(septets[i] ?? 0) ?? ' ';
    } else {
      text += BASIC[code] ?? ' ';
    }
  }
  return text;
}
