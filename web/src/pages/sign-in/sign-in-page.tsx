import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { EntryCard } from "./entry-card.tsx";
import { organizationProblem, texts } from "./texts.ts";
import { useDoor } from "./use-door.ts";
import { WaysIn, waysQuery } from "./ways-in.tsx";

/** In front of the door. */
export function SignInPage() {
  const { to, failed }: { readonly to?: string; readonly failed?: unknown } = useSearch({
    strict: false,
  });
  const { data: ways } = useQuery(waysQuery);
  const entry = useDoor(to);
  return (
    <EntryCard title={texts.title} about={ways?.setup ? texts.setupNeeded : undefined}>
      {failed !== undefined && entry.fault === undefined && (
        <FaultNotice fault={new Error(organizationProblem(failed))} />
      )}
      <WaysIn entry={entry} to={to} />
    </EntryCard>
  );
}
