import { useNavigate } from "@tanstack/react-router";
import { beginSession } from "../../api/session-life.ts";
import { type Entry, useEntry } from "./use-entry.ts";

/** Ways in from in front of the door; they lead on to where one wanted to go. */
export function useDoor(to: string | undefined): Entry {
  const navigate = useNavigate();
  return useEntry(async (session) => {
    beginSession(session);
    await navigate({ href: localTarget(to) });
  });
}

/** Only pages of ours: an address from a link may lead anywhere. */
function localTarget(to: unknown): string {
  return typeof to === "string" && /^\/(?![/\\])/.test(to) ? to : "/";
}
