import { useState } from "react";
import { asFault, type CmdletFault } from "../../api/cmdlet-fault.ts";
import { readSession, type Session } from "../../api/session.ts";

/** A way in that is being tried. */
export interface Entry {
  readonly fault: CmdletFault | undefined;
  readonly isBusy: boolean;
  readonly enter: (begin: () => Promise<unknown>) => Promise<void>;
}

/** Tries ways in; hands on the session that has begun. */
export function useEntry(onIn: (session: Session) => unknown): Entry {
  const [fault, setFault] = useState<CmdletFault>();
  const [isBusy, setBusy] = useState(false);
  const enter = async (begin: () => Promise<unknown>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await begin();
      await onIn(await readSession());
    } catch (error) {
      setFault(asFault(error));
    } finally {
      setBusy(false);
    }
  };
  return { fault, isBusy, enter };
}
