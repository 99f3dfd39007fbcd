import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** What the address of a page says besides its path: filters, what is open, what is sorted by. */
export type PageState = Readonly<Record<string, string | undefined>>;

/**
 * The state of a page that is kept in its address, so that a link leads to the same view and the
 * back button goes back. Setting replaces what is named; `undefined` takes it out.
 */
export function usePageState(): readonly [
  PageState,
  (change: PageState, how?: { readonly isReplacing: boolean }) => void,
] {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const state = Object.fromEntries(
    Object.entries(search).map(([name, value]) => [name, textOf(value)]),
  );
  const change = useCallback(
    (next: PageState, { isReplacing } = { isReplacing: false }) => {
      void navigate({
        to: ".",
        replace: isReplacing,
        search: (before: object) => ({ ...before, ...next }),
      });
    },
    [navigate],
  );
  return [state, change];
}

/** Addresses hold `17` and `true` as such; to pages all is text. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
