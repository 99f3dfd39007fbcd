import { Checkbox, Field, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { useSettled } from "../../widgets/use-settled.ts";
import { splitPasted } from "./pasted-addresses.ts";
import { texts } from "./texts.ts";

const SETTLED_MS = 300;

/** Many members of a group at once: added, or in the place of those that are there. */
export function PasteDialog(props: {
  readonly name: string;
  readonly identity: string;
  /** Stands for who is in the group; absent: nobody is. */
  readonly tag: string | undefined;
  readonly onClose: () => void;
}) {
  const { name, identity, onClose } = props;
  const mayReplace = useMayRun()("Update-DistributionGroupMember");
  const [tag] = useState(props.tag);
  const [text, setText] = useState("");
  const [isReplacing, setReplacing] = useState(false);
  // The dialog's preview asks the server: not for every key.
  const members = splitPasted(useSettled(text, SETTLED_MS));
  const call = isReplacing
    ? {
        cmdlet: "Update-DistributionGroupMember",
        // Who has come meanwhile is not to go again unseen; whom one adds is in any case.
        parameters: { Identity: identity, Members: members, ...(tag && { IfMatch: tag }) },
      }
    : {
        cmdlet: "Add-DistributionGroupMember",
        parameters: { Identity: identity, Member: members },
      };
  return (
    <RunDialog
      title={texts.pasteTitle(name)}
      call={call}
      verb={isReplacing ? texts.pasteUpdate : texts.pasteAdd}
      onClose={onClose}
      isReady={members.length > 0}
    >
      <Field
        label={texts.pasteMembers}
        hint={texts.pasteHint}
        validationMessage={texts.pasteFound(members.length)}
        validationState="none"
      >
        <Textarea
          rows={8}
          value={text}
          spellCheck={false}
          onChange={(_event, { value }) => setText(value)}
        />
      </Field>
      {mayReplace && (
        <Checkbox
          label={texts.pasteReplace}
          checked={isReplacing}
          onChange={(_event, { checked }) => setReplacing(checked === true)}
        />
      )}
    </RunDialog>
  );
}
