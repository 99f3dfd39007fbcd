import { Checkbox, Field, Input } from "@fluentui/react-components";
import {
  ArrowForwardRegular,
  DeleteRegular,
  PauseRegular,
  PlayRegular,
} from "@fluentui/react-icons";
import { textOf } from "../../base/text-of.ts";
import type { Act } from "./act-bar.tsx";
import { texts } from "./texts.ts";

/** Takes messages out, with or without a word to their senders. */
export const REMOVE: Act = {
  title: texts.remove,
  icon: DeleteRegular,
  cmdlet: "Remove-Message",
  parameters: { WithNDR: true },
  fields: ({ parameters, onChange }) => (
    <Checkbox
      label={texts.withNdr}
      checked={parameters["WithNDR"] === true}
      onChange={(_event, { checked }) => onChange({ ...parameters, WithNDR: checked === true })}
    />
  ),
};

/** What can be done to messages. */
export const MESSAGE_ACTS: readonly Act[] = [
  { title: texts.suspend, icon: PauseRegular, cmdlet: "Suspend-Message", undo: "Resume-Message" },
  { title: texts.resume, icon: PlayRegular, cmdlet: "Resume-Message", undo: "Suspend-Message" },
  REMOVE,
];

/** Sends one message to somebody else. */
export const REDIRECT: Act = {
  title: texts.redirect,
  icon: ArrowForwardRegular,
  cmdlet: "Redirect-Message",
  isSingle: true,
  needs: ["NewRecipient"],
  fields: ({ parameters, onChange }) => (
    <Field label={texts.newRecipient} hint={texts.newRecipientHint} required>
      <Input
        type="email"
        value={textOf(parameters["NewRecipient"] ?? "")}
        onChange={(_event, { value }) =>
          onChange(value === "" ? {} : { ...parameters, NewRecipient: value })
        }
      />
    </Field>
  ),
};
