import { Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { type FormEvent, type ReactNode, useState } from "react";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type Runner, useRun } from "../../widgets/use-run.ts";
import { texts } from "./lists-texts.ts";

/** Of long lists so many are shown; the others are found by what is typed. */
const SHOWN_MAX = 200;

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    gap: "8px",
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  title: { margin: 0 },
  form: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "start" },
  // Beside the box, below its label.
  add: { marginTop: "26px", "@media (max-width: 639px)": { marginTop: 0 } },
  field: { flexGrow: 1, flexBasis: "200px", minWidth: 0 },
  input: { width: "100%", minWidth: 0 },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    maxHeight: "320px",
    overflow: "auto",
  },
  entry: {
    display: "flex",
    alignItems: "center",
    justifyContent: "space-between",
    gap: "8px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    overflowWrap: "anywhere",
  },
  note: { color: tokens.colorNeutralForeground2 },
});

/** An entry of a list. */
export interface ListEntry {
  readonly name: string;
  readonly note?: string | undefined;
  /** What takes it out; absent: it cannot be. */
  readonly removal: AnyCall | undefined;
  /** What puts it in again. */
  readonly restoring: AnyCall | undefined;
}

interface EntryListProps {
  readonly title: string;
  readonly hint: string;
  readonly entries: readonly ListEntry[];
  /** The cmdlet that shows it. */
  readonly source: AnyCall;
  readonly addLabel: string;
  readonly addHint?: string;
  readonly verb: string;
  /** What adds the text that is typed, and what takes it out again; `undefined`: it is nothing. */
  readonly adding?: (
    text: string,
  ) => { readonly call: AnyCall; readonly undo: AnyCall } | undefined;
  /** Further fields of what is added. */
  readonly fields?: ReactNode;
  readonly onAdded?: () => void;
  /** Stands above the entries. */
  readonly children?: ReactNode;
}

/** A list with what takes an entry in; each change is a cmdlet that can be undone. */
export function EntryList(props: EntryListProps) {
  const { title, hint, entries, source, adding } = props;
  const styles = useStyles();
  const runner = useRun();
  const notify = useNotify();
  const [typed, setTyped] = useState("");
  const { state } = runner;
  const words = typed.trim().toLowerCase();
  const shown = entries.filter(({ name }) => name.toLowerCase().includes(words));
  const remove = async ({ name, removal, restoring }: ListEntry) => {
    if (removal === undefined || !(await runner.run(removal))) return;
    const told = texts.removed(visibleText(name));
    notify({ title: told, ...(restoring && { undo: restoring }) });
  };
  return (
    <section className={styles.root} aria-label={title}>
      <Text as="h2" size={400} weight="semibold" className={styles.title}>
        {title}
      </Text>
      <Text>{hint}</Text>
      {props.children}
      {adding && <AddForm {...props} runner={runner} typed={typed} onTyped={setTyped} />}
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      <Text size={200} className={styles.note}>
        {entries.length === 0 ? texts.none : texts.entries(entries.length)}
      </Text>
      <Entries entries={shown.slice(0, SHOWN_MAX)} onRemove={remove} />
      <div>
        <ShowCmdlet call={source} />
      </div>
    </section>
  );
}

function AddForm(
  props: EntryListProps & {
    readonly runner: Runner;
    readonly typed: string;
    readonly onTyped: (typed: string) => void;
  },
) {
  const { addLabel, addHint, verb, adding, fields, runner, typed, onTyped } = props;
  const styles = useStyles();
  const notify = useNotify();
  const [isInvalid, setInvalid] = useState(false);
  const text = typed.trim();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const acts = text === "" ? undefined : adding?.(text);
    setInvalid(acts === undefined);
    if (acts === undefined || !(await runner.run(acts.call))) return;
    onTyped("");
    props.onAdded?.();
    notify({ title: texts.added(visibleText(text)), undo: acts.undo });
  };
  return (
    <form className={styles.form} onSubmit={(event) => void add(event)} noValidate>
      <Field
        className={styles.field}
        label={addLabel}
        hint={addHint}
        validationMessage={isInvalid ? texts.invalid : undefined}
      >
        <Input
          className={styles.input}
          value={typed}
          onChange={(_event, { value }) => onTyped(value)}
        />
      </Field>
      {fields}
      <Button
        type="submit"
        className={styles.add}
        icon={<AddRegular />}
        disabled={runner.state.kind === "running"}
      >
        {verb}
      </Button>
    </form>
  );
}

function Entries(props: {
  readonly entries: readonly ListEntry[];
  readonly onRemove: (entry: ListEntry) => Promise<void>;
}) {
  const styles = useStyles();
  if (props.entries.length === 0) return null;
  return (
    <ul className={styles.list}>
      {props.entries.map((entry) => (
        <li key={`${entry.name} ${entry.note ?? ""}`} className={styles.entry}>
          <span>
            <bdi>{visibleText(entry.name)}</bdi>{" "}
            {entry.note && (
              <Text size={200} className={styles.note}>
                {visibleText(entry.note)}
              </Text>
            )}
          </span>
          {entry.removal && (
            <Button
              appearance="subtle"
              size="small"
              icon={<DeleteRegular />}
              aria-label={texts.remove(visibleText(entry.name))}
              onClick={() => void props.onRemove(entry)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
