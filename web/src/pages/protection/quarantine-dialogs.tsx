import { Text } from "@fluentui/react-components";
import { visibleText } from "../../base/visible-text.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { texts } from "./quarantine-texts.ts";

/** What a dialog about messages in quarantine is asked for. */
export interface DialogProps {
  readonly identities: readonly string[];
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}

/** Messages as the cmdlets take them. */
export function namedMessages(identities: readonly string[]): Readonly<Record<string, unknown>> {
  const [first] = identities;
  return identities.length === 1 ? { Identity: first } : { Identities: identities };
}

/** Says of messages that they are no spam; they stay where they are. */
export function ReportDialog({ identities, onClose }: DialogProps) {
  const notify = useNotify();
  return (
    <RunDialog
      title={texts.reportMany(identities.length)}
      call={{ cmdlet: "Submit-QuarantineMessage", parameters: namedMessages(identities) }}
      verb={texts.reportShort}
      onClose={(how) => {
        if (how.isDone) notify({ title: texts.reportedMany(identities.length) });
        onClose(how);
      }}
    >
      <Text>{texts.reportHint}</Text>
    </RunDialog>
  );
}

/** Removes messages for good. */
export function DeleteDialog({ identities, onClose }: DialogProps) {
  const notify = useNotify();
  return (
    <RunDialog
      title={texts.removeMany(identities.length)}
      call={{ cmdlet: "Delete-QuarantineMessage", parameters: namedMessages(identities) }}
      verb={texts.removeForGood}
      onClose={(how) => {
        if (how.isDone) notify({ title: texts.removedMany(identities.length) });
        onClose(how);
      }}
    />
  );
}

/** Has nothing of a sender let in any more. */
export function BlockSenderDialog(props: {
  readonly sender: string;
  readonly onClose: () => void;
}) {
  const { sender, onClose } = props;
  const notify = useNotify();
  const call = (how: "Add" | "Remove") => ({
    cmdlet: "Set-SenderFilterConfig",
    parameters: { BlockedSenders: { [how]: [sender] } },
  });
  return (
    <RunDialog
      title={texts.blockTitle(visibleText(sender))}
      call={call("Add")}
      verb={texts.blockSender}
      onClose={({ isDone }) => {
        if (isDone) notify({ title: texts.blocked(visibleText(sender)), undo: call("Remove") });
        onClose();
      }}
    />
  );
}
