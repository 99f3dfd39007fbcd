import { Field, Input, makeStyles, Select } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { ParametersOf } from "../../api/run-cmdlet.ts";
import { type PageState, usePageState } from "../../widgets/page-state.ts";
import { texts } from "./quarantine-texts.ts";

const TYPES = [
  ...["Spam", "Bulk", "Phish", "HighConfPhish", "Malware", "FileTypeBlock"],
  ...["TransportRule", "Dmarc", "Policy"],
] as const;
const PAGE_SIZE = 1000;
/** Typing is over when there was none for so long. */
const SETTLED_MS = 300;

const useStyles = makeStyles({
  root: { display: "flex", flexWrap: "wrap", gap: "8px" },
  field: { flexGrow: 1, flexBasis: "140px", minWidth: 0 },
  input: { width: "100%", minWidth: 0 },
});

/** What the address of the page asks the quarantine for. */
export function quarantineQuery(state: PageState): ParametersOf<"Get-QuarantineMessage"> {
  const { type, sender, recipient, subject, within, page } = state;
  const wanted = TYPES.find((one) => one === type);
  return {
    ...(wanted && { Type: wanted }),
    ...(sender && { SenderAddress: [part(sender)] }),
    ...(recipient && { RecipientAddress: [part(recipient)] }),
    ...(subject && { Subject: subject }),
    ...(within && { StartReceivedDate: `-${within}` }),
    ...(page !== undefined && /^\d+$/.test(page) && { Page: Number(page) }),
    PageSize: PAGE_SIZE,
  };
}

/** Whether the address asks for some messages only. */
export function isFiltered({ type, sender, recipient, subject, within, page }: PageState): boolean {
  return [type, sender, recipient, subject, within, page].some((one) => one !== undefined);
}

/** What is typed stands for a part of an address, unless it says itself where it is open. */
function part(text: string): string {
  return /[*?]/.test(text) ? text : `*${text}*`;
}

/** Which messages are shown: type, sender, recipient, subject, time. */
export function QuarantineFilter() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { type = "", within = "" } = state;
  const choose = (name: string) => (value: string) =>
    setState({ [name]: value === "" ? undefined : value, page: undefined });
  return (
    <div className={styles.root} role="search">
      <Field label={texts.type} className={styles.field}>
        <Select value={type} onChange={(_event, data) => choose("type")(data.value)}>
          <option value="">{texts.anyType}</option>
          {TYPES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </Field>
      <FilterText name="sender" label={texts.sender} />
      <FilterText name="recipient" label={texts.recipient} />
      <FilterText name="subject" label={texts.subject} />
      <Field label={texts.received} className={styles.field}>
        <Select value={within} onChange={(_event, data) => choose("within")(data.value)}>
          <option value="">{texts.anyTime}</option>
          <option value="1d">{texts.lastDay}</option>
          <option value="7d">{texts.lastWeek}</option>
          <option value="30d">{texts.lastMonth}</option>
        </Select>
      </Field>
    </div>
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
      const value = typed === "" ? undefined : typed;
      setState({ [name]: value, page: undefined }, { isReplacing: true });
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
