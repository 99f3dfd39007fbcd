/**
 * What the field source-context says (reference §7.2): the session in which it happened, where it
 * happened in one, and whatever else there is. Either may be "".
 */
export function readSourceContext(text: string): {
  readonly sessionId: string;
  readonly about: string;
} {
  const [whole = "", sessionId = ""] = /^([0-9A-F]{16})(?:;|$)/.exec(text) ?? [];
  return { sessionId, about: text.slice(whole.length) };
}
