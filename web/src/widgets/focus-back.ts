import { useEffect, useState } from "react";

/** Gives the focus back, when this goes away, to what had it before this came. */
export function useFocusBack(): void {
  // While rendering: effects of what is inside may have moved it already.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    },
    [before],
  );
}
