import { Button, Spinner } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { ParametersOf } from "../../api/run-cmdlet.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { texts } from "./texts.ts";
import { Timeline } from "./timeline.tsx";

const REFRESH_MS = 5000;
/** A message to thousands has as many lines: nobody reads them from end to end. */
const SHOWN_MAX = 200;

/** The story of a message, for all its recipients or for one. */
export function StoryView(props: {
  readonly parameters: ParametersOf<"Get-MessageTraceDetail">;
  /** Whether it goes on. */
  readonly isMoving: boolean;
}) {
  const { parameters, isMoving } = props;
  const call = { cmdlet: "Get-MessageTraceDetail", parameters } as const;
  const reading = useCmdlet(call, isMoving ? { refreshMs: REFRESH_MS } : {});
  const [isWhole, setWhole] = useState(false);
  // What is still there of another recipient would be taken for the story of this one.
  if (reading.isPending || reading.isPlaceholderData) return <Spinner label={texts.searching} />;
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  const { objects, warnings } = reading.data;
  const rest = isWhole ? 0 : Math.max(0, objects.length - SHOWN_MAX);
  if (objects.length === 0) {
    return <EmptyState title={texts.storyEmptyTitle}>{texts.storyEmptyHint}</EmptyState>;
  }
  return (
    <>
      <Warnings warnings={warnings} />
      <Timeline sentences={rest > 0 ? objects.slice(0, SHOWN_MAX) : objects} />
      {rest > 0 && (
        <div>
          <Button onClick={() => setWhole(true)}>{texts.showRest(rest)}</Button>
        </div>
      )}
    </>
  );
}
