import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Text,
} from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
});

/** A dialog that does one thing, and stays open with the server's words when it does not work. */
export function ActDialog(props: {
  readonly title: string;
  readonly about?: string;
  readonly action: string;
  readonly isReady?: boolean;
  /** Closes the dialog unless it throws. */
  readonly act: () => Promise<void>;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const { title, about, action, isReady = true, act, onClose, children } = props;
  const styles = useStyles();
  const [fault, setFault] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await act();
    } catch (error) {
      setFault(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(_event, { open, type }) => {
        // What was typed is not lost by a click that misses.
        if (!open && type !== "backdropClick") onClose();
      }}
    >
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady && !isBusy) void submit();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.content}>
              {about !== undefined && <Text>{about}</Text>}
              {fault && <FaultNotice fault={fault} />}
              {children}
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={!isReady || isBusy}>
                {action}
              </Button>
              <Button onClick={onClose}>{texts.cancel}</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
