const mail = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** Five digits or more, with what people put between them. */
const phone = /^\+?\d(?:[ ().-]{0,2}\d){4,}$/;
const page = /^(?:https?:\/\/)?(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?:\/\S*)?$/u;

/** Whether a person who reads it knows where to turn: a mail address, a phone number, or a web page. */
export function isContact(text: string): boolean {
  return text.length <= 100 && [mail, phone, page].some((form) => form.test(text));
}
