import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from "@fluentui/react-components";
import { useBlocker } from "@tanstack/react-router";
import { isLeavingForGood } from "../../api/session-life.ts";
import { texts } from "../texts.ts";

/** What of an address is about the list beside a form: the form stays while that changes. */
const BESIDE = ["search", "sort"];

interface Place {
  readonly pathname: string;
  readonly search: object;
}

/** Whether a form that is at one place is not at the other. */
function leads({ current, next }: { readonly current: Place; readonly next: Place }): boolean {
  return placeOf(current) !== placeOf(next);
}

function placeOf({ pathname, search }: Place): string {
  const own = Object.entries(search).filter(([name]) => !BESIDE.includes(name));
  return JSON.stringify([pathname, own.toSorted()]);
}

/** Asks before a form with changes is left, by a link, the back button or a closed window. */
export function LeaveGuard({ isNeeded }: { readonly isNeeded: () => boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: (places) => isNeeded() && leads(places),
    enableBeforeUnload: () => isNeeded() && !isLeavingForGood(),
    withResolver: true,
  });
  if (status !== "blocked") return null;
  return (
    <Dialog open modalType="alert" onOpenChange={reset}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.leaveTitle}</DialogTitle>
          <DialogContent>{texts.leaveHint}</DialogContent>
          <DialogActions>
            <Button onClick={proceed}>{texts.leave}</Button>
            <Button appearance="primary" onClick={reset}>
              {texts.stay}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
