/** A number with what it counts, as a person writes it: `1 text`, `2 texts`. @param one of them; its plural has an s */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
