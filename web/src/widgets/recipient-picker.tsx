import { Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../api/cmdlet-query.ts";
import type { OutputOf } from "../api/run-cmdlet.ts";
import { visibleText } from "../base/visible-text.ts";
import { FaultNotice } from "./fault-notice.tsx";
import { texts } from "./texts.ts";
import { useSettled } from "./use-settled.ts";

type RecipientType = "UserMailbox" | "MailUser" | "MailContact" | "MailUniversalDistributionGroup";

const FOUND_MAX = 8;
const SETTLED_MS = 250;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, maxHeight: "260px", overflow: "auto" },
  one: {
    width: "100%",
    justifyContent: "start",
    textAlign: "start",
    overflowWrap: "anywhere",
    fontWeight: tokens.fontWeightRegular,
  },
  address: { color: tokens.colorNeutralForeground2, marginInlineStart: "8px" },
});

/** Finds a recipient by a part of its name or addresses, however many there are. */
export function RecipientPicker(props: {
  readonly label: string;
  readonly onPick: (address: string) => void;
  /** Only these kinds; absent: all. */
  readonly types?: readonly RecipientType[];
  /** Whether an address that is nobody's may be taken as it is. */
  readonly takesAnyAddress?: true;
}) {
  const { label, onPick, types, takesAnyAddress } = props;
  const [text, setText] = useState("");
  const settled = useSettled(text.trim(), SETTLED_MS);
  // What was picked is gone at once: nothing below moves while somebody aims at it.
  const wanted = text.trim() === "" ? "" : settled;
  const found = useCmdlet(
    {
      cmdlet: "Get-Recipient",
      parameters: {
        Identity: `*${wanted}*`,
        ResultSize: FOUND_MAX,
        ...(types && { RecipientType: types }),
      },
    },
    { isEnabled: wanted !== "" },
  );
  const objects = wanted === "" ? [] : (found.data?.objects ?? []);
  const isAddress = takesAnyAddress === true && /^\S+@\S+$/.test(wanted);
  const isKnown = objects.some(({ PrimarySmtpAddress }) => PrimarySmtpAddress === wanted);
  const pick = (address: string) => {
    setText("");
    onPick(address);
  };
  return (
    <div>
      <Field label={label} hint={texts.pickerHint}>
        <Input
          value={text}
          autoComplete="off"
          spellCheck={false}
          onChange={(_event, { value }) => setText(value)}
          onKeyDown={(event) => {
            const [first] = objects;
            if (event.key !== "Enter" || text.trim() !== wanted || wanted === "") return;
            event.preventDefault();
            if (objects.length === 1 && first) pick(first.PrimarySmtpAddress ?? "");
            else if (isAddress) pick(wanted);
          }}
        />
      </Field>
      {found.error && <FaultNotice fault={found.error} />}
      <Found objects={objects} asItIs={isAddress && !isKnown ? wanted : undefined} onPick={pick} />
      {wanted !== "" && found.data && objects.length === 0 && !isAddress && (
        <Text role="status">{texts.pickerNobody}</Text>
      )}
    </div>
  );
}

function Found(props: {
  readonly objects: readonly OutputOf<"Get-Recipient">[];
  /** An address that is nobody's. */
  readonly asItIs: string | undefined;
  readonly onPick: (address: string) => void;
}) {
  const { objects, asItIs, onPick } = props;
  const styles = useStyles();
  return (
    <ul className={styles.list} aria-label={texts.pickerFound}>
      {objects.map(({ Name, PrimarySmtpAddress }) => (
        <li key={PrimarySmtpAddress}>
          <Button
            appearance="subtle"
            className={styles.one}
            onClick={() => onPick(PrimarySmtpAddress ?? "")}
          >
            <bdi>{visibleText(Name ?? "")}</bdi>
            <bdi className={styles.address}>{visibleText(PrimarySmtpAddress ?? "")}</bdi>
          </Button>
        </li>
      ))}
      {asItIs !== undefined && (
        <li>
          <Button appearance="subtle" className={styles.one} onClick={() => onPick(asItIs)}>
            {texts.pickerOutside(visibleText(asItIs))}
          </Button>
        </li>
      )}
    </ul>
  );
}
