/** A value as a test compares it: itself when it is text, else its JSON; "" for none. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
