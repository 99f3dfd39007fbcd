import { ToolbarButton } from "@fluentui/react-components";
import { HistoryRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useMayRun } from "../api/session.ts";
import { texts } from "./texts.ts";

/** Leads to the audit log of one object: who has changed it, when, and how it was before. */
export function ChangesButton(props: {
  /** As the audit log names it: `ReceiveConnector Default Frontend`. */
  readonly object: string;
}) {
  const navigate = useNavigate();
  const mayRun = useMayRun();
  if (!mayRun("Search-AdminAuditLog")) return null;
  return (
    <ToolbarButton
      icon={<HistoryRegular />}
      onClick={() =>
        void navigate({ to: "/servers/audit-log", search: { object: props.object } as never })
      }
    >
      {texts.changes}
    </ToolbarButton>
  );
}
