import { Button, Field, Input, makeStyles, Select } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { CmdletFault } from "../../api/cmdlet-fault.ts";
import { FilterBar } from "../../widgets/filter-bar.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { MORE_NAMES, TYPES } from "./quarantine-query.ts";
import { texts } from "./quarantine-texts.ts";

/** Typing is over when there was none for so long. */
const SETTLED_MS = 300;

const PROPERTIES = [
  ...["Subject", "SenderAddress", "FromAddress", "RecipientCount", "Type", "PolicyName", "Agent"],
  ...["Reason", "SCL", "Size", "Direction", "SourceIP", "ReceivedTime", "QuarantinedTime"],
  ...["Expires", "MessageId", "NetworkMessageId"],
];

const useStyles = makeStyles({
  root: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "end" },
  field: { flexGrow: 1, flexBasis: "140px", maxWidth: "320px", minWidth: 0 },
  input: { width: "100%", minWidth: 0 },
});

/** Which messages are shown: what one asks for most, and all else that can be asked for. */
export function QuarantineFilter({ fault }: { readonly fault: CmdletFault | undefined }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const isAsked = MORE_NAMES.some((name) => state[name] !== undefined);
  const [isOpen, setOpen] = useState(isAsked);
  return (
    <>
      <div className={styles.root} role="search">
        <FilterChoice
          name="type"
          label={texts.type}
          choices={[["", texts.anyType], ...TYPE_CHOICES]}
        />
        <FilterText name="sender" label={texts.sender} />
        <FilterText name="recipient" label={texts.recipient} />
        <FilterText name="subject" label={texts.subject} />
        <FilterChoice name="within" label={texts.received} choices={RECEIVED} />
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {texts.more}
        </Button>
      </div>
      {isOpen && (
        <>
          <div className={styles.root} role="group" aria-label={texts.more}>
            <FilterText name="domain" label={texts.domain} />
            <FilterText name="policy" label={texts.policy} />
            <FilterText name="messageid" label={texts.messageId} />
            <FilterChoice name="direction" label={texts.direction} choices={DIRECTIONS} />
            <FilterMoment name="from" label={texts.from} />
            <FilterMoment name="until" label={texts.until} />
            <FilterChoice name="expires" label={texts.expires} choices={EXPIRES} />
          </div>
          <FilterBar
            cmdlet="Get-QuarantineMessage"
            value={state["filter"]}
            properties={PROPERTIES}
            fault={fault}
            onChange={(filter) => setState({ filter })}
          />
        </>
      )}
    </>
  );
}

type Choices = readonly (readonly [value: string, title: string])[];

const TYPE_CHOICES: Choices = TYPES.map((one) => [one, one] as const);
const RECEIVED: Choices = [
  ["", texts.anyTime],
  ["1d", texts.lastDay],
  ["7d", texts.lastWeek],
  ["30d", texts.lastMonth],
];
const DIRECTIONS: Choices = [
  ["", texts.anyDirection],
  ["Inbound", texts.inbound],
  ["Outbound", texts.outbound],
];
const EXPIRES: Choices = [
  ["", texts.anyTime],
  ["1d", texts.nextDay],
  ["7d", texts.nextWeek],
];

function FilterChoice(props: {
  readonly name: string;
  readonly label: string;
  readonly choices: Choices;
}) {
  const { name, label, choices } = props;
  const styles = useStyles();
  const [state, setState] = usePageState();
  return (
    <Field label={label} className={styles.field}>
      <Select
        value={state[name] ?? ""}
        onChange={(_event, { value }) => setState({ [name]: value === "" ? undefined : value })}
      >
        {choices.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** A moment in the reader's own time; the address has it in UTC, for whoever opens it. */
function FilterMoment({ name, label }: { readonly name: string; readonly label: string }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const at = Date.parse(state[name] ?? "");
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000;
  const shown = Number.isNaN(at) ? "" : new Date(at - offsetMs).toISOString().slice(0, 16);
  return (
    <Field label={label} className={styles.field}>
      <Input
        type="datetime-local"
        className={styles.input}
        value={shown}
        onChange={(_event, { value }) => {
          const ms = Date.parse(value);
          setState({ [name]: Number.isNaN(ms) ? undefined : new Date(ms).toISOString() });
        }}
      />
    </Field>
  );
}

function FilterText({ name, label }: { readonly name: string; readonly label: string }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const asked = state[name] ?? "";
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  useEffect(() => {
    if (typed === asked) return;
    const timer = setTimeout(() => {
      setState({ [name]: typed === "" ? undefined : typed }, { isReplacing: true });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [typed, asked, name, setState]);
  return (
    <Field label={label} className={styles.field}>
      <Input
        className={styles.input}
        value={typed}
        onChange={(_event, { value }) => setTyped(value)}
      />
    </Field>
  );
}
