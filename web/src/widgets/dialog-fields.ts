import { type RefObject, useEffect, useRef } from "react";

/** What a dialog that asks needs to know of its fields. */
export interface DialogFields {
  /** Of its content. */
  readonly content: RefObject<HTMLDivElement | null>;
  /** Of the button that does nothing. */
  readonly wayOut: RefObject<HTMLButtonElement | null>;
  /** Whether there is something to fill in: a click that misses must not lose it. */
  readonly areThere: () => boolean;
}

/** A dialog without fields begins at the way out: Enter at once must do no harm. */
export function useDialogFields(): DialogFields {
  const content = useRef<HTMLDivElement>(null);
  const wayOut = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!hasFields(content.current)) wayOut.current?.focus();
  }, []);
  return { content, wayOut, areThere: () => hasFields(content.current) };
}

function hasFields(content: HTMLElement | null): boolean {
  return content?.querySelector("input, select, textarea") instanceof HTMLElement;
}
