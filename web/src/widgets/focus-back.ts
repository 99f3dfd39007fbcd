import { useEffect, useState } from "react";

/** Gives the focus back, when this goes away, to what had it before this came. */
export function useFocusBack(): void {
  // While rendering: effects of what is inside may have moved it already.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const hasHad = before instanceof HTMLElement && before !== document.body;
      if (hasHad && before.isConnected) before.focus();
      // A button that was pressed and cannot be pressed twice has lost it. A dialog below this
      // must have it: without it, it stays hidden from those who don't see.
      else lowerDialog()?.focus();
    },
    [before],
  );
}

function lowerDialog(): HTMLElement | undefined {
  const dialogs = document.querySelectorAll<HTMLElement>("[role=dialog], [role=alertdialog]");
  return [...dialogs].at(-1);
}
