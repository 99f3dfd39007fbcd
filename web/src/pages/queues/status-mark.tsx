import { Badge } from "@fluentui/react-components";

type Colour = "success" | "danger" | "warning" | "informative" | "subtle";

const COLOURS: Readonly<Record<string, Colour>> = {
  Active: "success",
  Connecting: "informative",
  Ready: "subtle",
  Retry: "danger",
  Suspended: "warning",
  PendingRemove: "warning",
  PendingSuspend: "warning",
  Completed: "success",
  Running: "informative",
  Pending: "informative",
  Stopped: "warning",
  Failed: "danger",
};

/** How a queue, a message or a job fares: a word, with a colour besides. */
export function StatusMark({ status }: { readonly status: string | null }) {
  if (status === null) return null;
  return (
    <Badge appearance="tint" color={COLOURS[status] ?? "subtle"}>
      {status}
    </Badge>
  );
}
