import { visibleText } from "../base/visible-text.ts";

/**
 * A text that somebody else has written (subject, address, answer of a server): it cannot turn what
 * is around it, and hidden characters in it are seen.
 */
export function ForeignText({ text }: { readonly text: string | null | undefined }) {
  const shown = visibleText(text ?? "");
  return <bdi title={shown}>{shown}</bdi>;
}
