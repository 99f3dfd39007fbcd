import { Button, Field, Input, makeStyles, Select, tokens } from "@fluentui/react-components";
import { AddRegular, DismissRegular, FilterRegular } from "@fluentui/react-icons";
import { type FormEvent, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import type { CmdletFault } from "../api/cmdlet-fault.ts";
import { useFacts } from "../api/facts.ts";
import {
  bothFilters,
  type FilterOperator,
  type FilterTerm,
  formatTerm,
  operatorsOf,
} from "./filter-text.ts";
import { labelOf } from "./form/label.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "8px" },
  line: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "end" },
  text: { flexGrow: 1, minWidth: "min(280px, 100%)" },
  input: { width: "100%", fontFamily: tokens.fontFamilyMonospace },
});

/** What a filter bar is over. */
export interface FilterBarProps {
  /** The cmdlet whose -Filter it is. */
  readonly cmdlet: string;
  readonly value: string | undefined;
  readonly onChange: (filter: string | undefined) => void;
  /** What the server has said of it. */
  readonly fault?: CmdletFault | undefined;
  /** Properties that the builder offers, in this order. */
  readonly properties: readonly string[];
}

/** What a filter looks like, with something that there is here. */
function exampleOf(properties: readonly string[]): string {
  return properties.includes("Status") ? "Status -eq 'Retry'" : `${properties[0]} -like '*…*'`;
}

/** A filter as text, with a builder that adds conditions to it. */
export function FilterBar(props: FilterBarProps) {
  const { value = "", onChange, fault } = props;
  const styles = useStyles();
  const [draft, setDraft] = useState(value);
  const [isBuilding, setBuilding] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setDraft(value), [value]);
  const own = fault?.parameter === "Filter" ? fault : undefined;
  useMarked(input, own);
  const apply = (filter: string) => onChange(filter.trim() === "" ? undefined : filter.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply(draft);
  };
  return (
    <div className={styles.root}>
      <form className={styles.line} onSubmit={submit} role="search">
        <Field
          className={styles.text}
          label={texts.filter}
          validationMessage={own?.message}
          validationState={own === undefined ? "none" : "error"}
        >
          <Input
            ref={input}
            className={styles.input}
            value={draft}
            placeholder={exampleOf(props.properties)}
            spellCheck={false}
            autoComplete="off"
            onChange={(_event, { value: text }) => setDraft(text)}
          />
        </Field>
        <Button type="submit" icon={<FilterRegular />}>
          {texts.applyFilter}
        </Button>
        <Button
          icon={<AddRegular />}
          aria-expanded={isBuilding}
          onClick={() => setBuilding(!isBuilding)}
        >
          {texts.addCondition}
        </Button>
        {(value !== "" || draft !== "") && (
          <Button
            appearance="subtle"
            icon={<DismissRegular />}
            onClick={() => {
              setDraft("");
              onChange(undefined);
            }}
          >
            {texts.clearFilter}
          </Button>
        )}
      </form>
      {isBuilding && (
        <Suspense>
          <TermBuilder
            {...props}
            onAdd={(term) => {
              setBuilding(false);
              apply(bothFilters(draft, formatTerm(term)));
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

/** What the server stumbled over is marked. */
function useMarked(input: RefObject<HTMLInputElement | null>, fault: CmdletFault | undefined) {
  useEffect(() => {
    if (fault?.at !== undefined) input.current?.setSelectionRange(fault.at, fault.at + 1);
  }, [input, fault]);
}

function TermBuilder(props: FilterBarProps & { readonly onAdd: (term: FilterTerm) => void }) {
  const { cmdlet, properties, onAdd } = props;
  const styles = useStyles();
  const facts = useFacts(cmdlet);
  const [property, setProperty] = useState(properties[0] ?? "");
  const schema = facts?.output.properties[property];
  const kind = schema?.["x-kind"] ?? "text";
  const operators = operatorsOf(kind);
  const [chosen, setOperator] = useState<FilterOperator>();
  const operator = chosen && operators.includes(chosen) ? chosen : (operators[0] ?? "eq");
  const choices = kind === "boolean" ? ["true", "false"] : (schema?.["x-choices"] ?? []);
  const [typed, setTyped] = useState("");
  const value = choices.length === 0 || choices.includes(typed) ? typed : (choices[0] ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAdd({ property, kind, operator, value });
  };
  return (
    <form className={styles.line} onSubmit={submit} aria-label={texts.addCondition}>
      <Field label={texts.filterProperty}>
        <Select value={property} onChange={(_event, data) => setProperty(data.value)}>
          {properties.map((name) => (
            <option key={name} value={name}>
              {labelOf(name)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={texts.filterComparison}>
        <Select
          value={operator}
          onChange={(_event, data) =>
            setOperator(operators.find((one) => one === data.value) ?? "eq")
          }
        >
          {operators.map((name) => (
            <option key={name} value={name}>
              {texts.filterOperator(name)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={texts.filterValue} hint={kind === "date" ? texts.filterDateHint : undefined}>
        {choices.length > 0 ? (
          <Select value={value} onChange={(_event, data) => setTyped(data.value)}>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </Select>
        ) : (
          <Input value={typed} onChange={(_event, data) => setTyped(data.value)} />
        )}
      </Field>
      <Button type="submit" appearance="primary">
        {texts.add}
      </Button>
    </form>
  );
}
