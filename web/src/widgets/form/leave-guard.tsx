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
import { texts } from "../texts.ts";

/** Asks before a form with changes is left, by a link, the back button or a closed window. */
export function LeaveGuard({ isNeeded }: { readonly isNeeded: () => boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: isNeeded,
    enableBeforeUnload: isNeeded,
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
