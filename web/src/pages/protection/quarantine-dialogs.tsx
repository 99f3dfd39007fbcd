import { Checkbox, Field, makeStyles, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";
import { visibleText } from "../../base/visible-text.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { texts } from "./quarantine-texts.ts";

const useStyles = makeStyles({
  group: { display: "flex", flexDirection: "column", overflowWrap: "anywhere" },
});

interface DialogProps {
  readonly identities: readonly string[];
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}

function named(identities: readonly string[]): Readonly<Record<string, unknown>> {
  const [first] = identities;
  return identities.length === 1 ? { Identity: first } : { Identities: identities };
}

/** Sends messages on to their recipients, or one of them to some of those. */
export function ReleaseDialog(
  props: DialogProps & {
    /** Among whom one can choose; none: it goes to all. */
    readonly recipients: readonly string[];
  },
) {
  const { identities, recipients, onClose } = props;
  const notify = useNotify();
  const [isForAll, setForAll] = useState(true);
  const [users, setUsers] = useState<readonly string[]>([]);
  const [isAllowing, setAllowing] = useState(false);
  const [isReporting, setReporting] = useState(false);
  const call = {
    cmdlet: "Release-QuarantineMessage",
    parameters: {
      ...named(identities),
      ...(isForAll ? { ReleaseToAll: true } : { User: users }),
      ...(isAllowing && { AllowSender: true }),
      ...(isReporting && { ReportFalsePositive: true }),
    },
  };
  return (
    <RunDialog
      title={texts.releaseMany(identities.length)}
      call={call}
      verb={texts.release}
      onClose={(how) => {
        if (how.isDone) notify({ title: texts.releasedMany(identities.length) });
        onClose(how);
      }}
    >
      {recipients.length > 1 && (
        <RecipientChoice
          recipients={recipients}
          isForAll={isForAll}
          onForAll={setForAll}
          users={users}
          onUsers={setUsers}
        />
      )}
      <Field hint={texts.allowSenderHint}>
        <Checkbox
          label={texts.allowSender}
          checked={isAllowing}
          onChange={(_event, { checked }) => setAllowing(checked === true)}
        />
      </Field>
      <Field hint={texts.reportHint}>
        <Checkbox
          label={texts.report}
          checked={isReporting}
          onChange={(_event, { checked }) => setReporting(checked === true)}
        />
      </Field>
    </RunDialog>
  );
}

function RecipientChoice(props: {
  readonly recipients: readonly string[];
  readonly isForAll: boolean;
  readonly onForAll: (isForAll: boolean) => void;
  readonly users: readonly string[];
  readonly onUsers: (users: readonly string[]) => void;
}) {
  const { recipients, isForAll, onForAll, users, onUsers } = props;
  const styles = useStyles();
  return (
    <>
      <Field label={texts.releaseTo}>
        <RadioGroup
          value={isForAll ? "all" : "some"}
          onChange={(_event, { value }) => onForAll(value === "all")}
        >
          <Radio value="all" label={texts.releaseToAll} />
          <Radio value="some" label={texts.releaseToSome} />
        </RadioGroup>
      </Field>
      {!isForAll && (
        <div className={styles.group} role="group" aria-label={texts.releaseToSome}>
          {recipients.map((address) => (
            <Checkbox
              key={address}
              label={visibleText(address)}
              checked={users.includes(address)}
              onChange={() => onUsers(toggled(users, address))}
            />
          ))}
        </div>
      )}
    </>
  );
}

function toggled(users: readonly string[], address: string): readonly string[] {
  return users.includes(address) ? users.filter((one) => one !== address) : [...users, address];
}

/** Removes messages for good. */
export function DeleteDialog({ identities, onClose }: DialogProps) {
  const notify = useNotify();
  return (
    <RunDialog
      title={texts.removeMany(identities.length)}
      call={{ cmdlet: "Delete-QuarantineMessage", parameters: named(identities) }}
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
