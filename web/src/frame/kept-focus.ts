import { type RefObject, useEffect } from "react";

const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex]";
/** Where one would rather be than at the first thing: the list's current row, a panel's title. */
const PREFERRED = "[role=row][tabindex='0'], h2[tabindex]";
/** Dialogs and pages give the focus to where it belongs themselves, if there is such a place. */
const GIVEN_BACK_WITHIN_MS = 120;

/**
 * Who has done something to what is gone then (a row that was released, the form that was saved)
 * does not begin at the top of the page: the focus goes to what is nearest to where it was.
 */
export function useKeptFocus(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let latest: Element | undefined;
    let path: readonly Element[] = [];
    // In a dialog that is open, nothing outside of it may have the focus.
    let inner: readonly Element[] = [];
    let timer: number | undefined;
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof Element)) return;
      latest = target;
      const dialog = target.closest("[role=dialog], [role=alertdialog]");
      if (dialog !== null) inner = pathOf(target, dialog);
      else if (root.current?.contains(target)) path = pathOf(target, root.current);
    };
    const keep = () => {
      timer = undefined;
      if (document.activeElement !== document.body || latest === undefined) return;
      if (!isGone(latest)) return;
      nearest(inner.at(-1)?.isConnected ? inner : path)?.focus();
    };
    const observer = new MutationObserver(() => {
      if (document.activeElement !== document.body) return;
      timer ??= window.setTimeout(keep, GIVEN_BACK_WITHIN_MS);
    });
    document.addEventListener("focusin", onFocus);
    observer.observe(document.body, {
      ...{ subtree: true, childList: true },
      attributeFilter: ["disabled", "hidden"],
    });
    return () => {
      document.removeEventListener("focusin", onFocus);
      observer.disconnect();
      window.clearTimeout(timer);
    };
  }, [root]);
}

function pathOf(element: Element, root: Element): readonly Element[] {
  const path: Element[] = [];
  for (let at: Element | null = element; at !== null && at !== root; at = at.parentElement) {
    path.push(at);
  }
  return [...path, root];
}

function isGone(element: Element): boolean {
  return !element.isConnected || element.matches(":disabled");
}

/** The element itself if it is there still, else the best in what is left around it. */
function nearest(path: readonly Element[]): HTMLElement | undefined {
  const [own] = path;
  if (own instanceof HTMLElement && !isGone(own)) return own;
  for (const around of path.filter((one) => one.isConnected)) {
    const all = [...around.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) =>
      one.checkVisibility(),
    );
    const best = all.find((one) => one.matches(PREFERRED)) ?? all[0];
    if (best !== undefined) return best;
  }
  return path.findLast((one) => one instanceof HTMLElement);
}
