import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { queryClient } from "../../api/cmdlet-query.ts";
import { sessionQuery } from "../../api/session.ts";

/** Tries a way in; once a session has begun, leads on to where one wanted to go. */
export function useEntry(to: string | undefined) {
  const navigate = useNavigate();
  const [fault, setFault] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const enter = async (begin: () => Promise<unknown>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await begin();
      // Whatever was read before was read for somebody else, or for nobody.
      queryClient.clear();
      await queryClient.fetchQuery(sessionQuery);
      await navigate({ href: localTarget(to) });
    } catch (error) {
      setFault(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  };
  return { fault, isBusy, enter };
}

/** Only pages of ours: an address from a link may lead anywhere. */
function localTarget(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])/.test(to) ? to : "/";
}
