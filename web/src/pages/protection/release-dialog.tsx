import {
  Button,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Text,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { RecipientPicker } from "../../widgets/recipient-picker.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { type DialogProps, namedMessages } from "./quarantine-dialogs.tsx";
import { texts } from "./quarantine-texts.ts";

const useStyles = makeStyles({
  group: { display: "flex", flexDirection: "column", overflowWrap: "anywhere" },
  adding: { display: "flex", gap: "8px", alignItems: "end" },
  address: { flexGrow: 1, minWidth: 0 },
  input: { width: "100%", minWidth: 0 },
});

/** Who is to get it: all, some of those from whom it is kept, or none of them. */
type Choice = "all" | "some" | "none";

/** Sends messages on to their recipients, to some of them, and to others who are to see them. */
export function ReleaseDialog(
  props: DialogProps & {
    /** Among whom one can choose; none: there are several messages. */
    readonly recipients: readonly string[];
  },
) {
  const { identities, recipients, onClose } = props;
  const notify = useNotify();
  const [choice, setChoice] = useState<Choice>("all");
  const [users, setUsers] = useState<readonly string[]>([]);
  const [copies, setCopies] = useState<readonly string[]>([]);
  const [isAllowing, setAllowing] = useState(false);
  const [isReporting, setReporting] = useState(false);
  const call = {
    cmdlet: "Release-QuarantineMessage",
    parameters: {
      ...namedMessages(identities),
      ...(choice === "all" && { ReleaseToAll: true }),
      ...(choice === "some" && { User: users }),
      ...(copies.length > 0 && { CopyTo: copies }),
      ...(isAllowing && { AllowSender: true }),
      ...(isReporting && { ReportFalsePositive: true }),
    },
  };
  return (
    <RunDialog
      title={texts.releaseMany(identities.length)}
      call={call}
      verb={texts.release}
      isReady={choice === "all" || copies.length > 0 || (choice === "some" && users.length > 0)}
      onClose={(how) => {
        if (how.isDone) notify({ title: texts.releasedMany(identities.length) });
        onClose(how);
      }}
    >
      <Field label={texts.releaseTo}>
        <RadioGroup
          value={choice}
          onChange={(_event, { value }) => setChoice(CHOICES.find((one) => one === value) ?? "all")}
        >
          <Radio value="all" label={texts.releaseToAll} />
          {recipients.length > 1 && <Radio value="some" label={texts.releaseToSome} />}
          <Radio value="none" label={texts.releaseToNone} />
        </RadioGroup>
      </Field>
      {choice === "some" && (
        <RecipientChoice recipients={recipients} users={users} onUsers={setUsers} />
      )}
      <Copies copies={copies} onCopies={setCopies} />
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

const CHOICES: readonly Choice[] = ["all", "some", "none"];

function RecipientChoice(props: {
  readonly recipients: readonly string[];
  readonly users: readonly string[];
  readonly onUsers: (users: readonly string[]) => void;
}) {
  const { recipients, users, onUsers } = props;
  const styles = useStyles();
  return (
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
  );
}

function toggled(users: readonly string[], address: string): readonly string[] {
  return users.includes(address) ? users.filter((one) => one !== address) : [...users, address];
}

/** Others who get it: somebody who is to look at it, a new address of its recipient. */
function Copies(props: {
  readonly copies: readonly string[];
  readonly onCopies: (copies: readonly string[]) => void;
}) {
  const { copies, onCopies } = props;
  const mayRun = useMayRun();
  const add = (address: string) => {
    if (address !== "" && !copies.includes(address)) onCopies([...copies, address]);
  };
  return (
    <div>
      {mayRun("Get-Recipient") ? (
        <RecipientPicker label={texts.copyTo} takesAnyAddress onPick={add} />
      ) : (
        <AddressField onAdd={add} />
      )}
      {copies.map((address) => (
        <Text key={address} block>
          <bdi>{visibleText(address)}</bdi>
          <Button
            appearance="subtle"
            size="small"
            icon={<DismissRegular />}
            aria-label={texts.noCopyTo(visibleText(address))}
            onClick={() => onCopies(copies.filter((one) => one !== address))}
          />
        </Text>
      ))}
    </div>
  );
}

/** For who may not look recipients up: the server says whether there is such a one. */
function AddressField({ onAdd }: { readonly onAdd: (address: string) => void }) {
  const styles = useStyles();
  const [typed, setTyped] = useState("");
  const add = () => {
    onAdd(typed.trim());
    setTyped("");
  };
  return (
    <div className={styles.adding}>
      <Field label={texts.copyTo} className={styles.address}>
        <Input
          className={styles.input}
          value={typed}
          autoComplete="off"
          onChange={(_event, { value }) => setTyped(value)}
          onKeyDown={({ key }) => {
            if (key === "Enter") add();
          }}
        />
      </Field>
      <Button disabled={!/^\S+@\S+$/.test(typed.trim())} onClick={add}>
        {texts.add}
      </Button>
    </div>
  );
}
