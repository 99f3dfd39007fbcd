import { Button, makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { labelOf } from "../../widgets/form/label.ts";
import type { FormBody } from "../../widgets/form/object-form.tsx";
import { ValueField } from "../../widgets/form/value-field.tsx";
import { PartSentence } from "./part-sentence.tsx";
import { hasPart, offerPart, type RulePart, withoutPart } from "./rule-parts.ts";
import type { ConditionGroup } from "./rule-phrases.ts";
import { GROUP_TITLES, texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "8px" },
  title: { margin: 0 },
  part: {
    display: "flex",
    flexDirection: "column",
    gap: "8px",
    padding: "8px 12px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  head: { display: "flex", alignItems: "start", justifyContent: "space-between", gap: "8px" },
  words: { overflowWrap: "anywhere", paddingTop: "4px" },
});

/** The conditions, exceptions or actions of a rule: those that it has, and one to add. */
export function PartEditor(props: {
  readonly title: string;
  /** What holds while there are none. */
  readonly none: string;
  readonly add: string;
  /** The word between two of them. */
  readonly joint: string;
  readonly parts: readonly RulePart[];
  readonly form: FormBody;
}) {
  const { title, none, add, joint, parts, form } = props;
  const { values, onChange, facts, isReadOnly } = form;
  const styles = useStyles();
  const heading = useId();
  // Added, but without a value as yet: nothing of the rule says that they are there.
  const [added, setAdded] = useState<readonly string[]>([]);
  const own = parts.filter((part) => added.includes(part.name) || hasPart(part, values));
  const addPart = (name: string) => {
    const part = parts.find((one) => one.name === name);
    if (part === undefined) return;
    setAdded((before) => [...before, name]);
    // What is only said or not is said by adding it.
    const switches = part.parameters.filter((one) => kindOf(form, one) === "boolean");
    onChange({ ...values, ...Object.fromEntries(switches.map((one) => [one, true])) });
  };
  const removePart = (part: RulePart) => {
    setAdded((before) => before.filter((name) => name !== part.name));
    onChange(withoutPart(part, values));
  };
  return (
    <section className={styles.root} aria-labelledby={heading}>
      <Text as="h3" id={heading} weight="semibold" className={styles.title}>
        {title}
      </Text>
      {own.length === 0 && <Text>{none}</Text>}
      {own.map((part, at) => (
        <PartFields
          key={part.name}
          part={part}
          form={form}
          joint={at === 0 ? undefined : joint}
          isNew={added.includes(part.name)}
          onRemove={() => removePart(part)}
        />
      ))}
      {!isReadOnly && (
        <Select
          aria-label={add}
          value=""
          onKeyDown={openInstead}
          onChange={(_event, data) => addPart(data.value)}
        >
          <option value="">{add}</option>
          <Offers
            parts={parts.filter(
              (part) =>
                !own.includes(part) && part.parameters.every((one) => one in facts.parameters),
            )}
          />
        </Select>
      )}
    </section>
  );
}

/** Keys that change a closed choice: to choose is an act here, and they would take the next one. */
const CHANGING = /^(?:.|Arrow.*|Page.*|Home|End)$/;

/** Opens the list, in which nothing is chosen but by Enter. */
function openInstead(event: KeyboardEvent<HTMLSelectElement>): void {
  const { key, altKey, ctrlKey, metaKey, currentTarget } = event;
  if (altKey || ctrlKey || metaKey || !CHANGING.test(key) || !("showPicker" in currentTarget))
    return;
  event.preventDefault();
  currentTarget.showPicker();
}

/** Under the headings of their groups, where they have groups. */
function Offers({ parts }: { readonly parts: readonly RulePart[] }) {
  const groups = Map.groupBy(parts, ({ group }) => group);
  const options = (group: ConditionGroup | undefined) =>
    (groups.get(group) ?? []).map((part) => (
      <option key={part.name} value={part.name} title={part.description}>
        {offerPart(part)}
      </option>
    ));
  if (groups.size === 1 && groups.has(undefined)) return options(undefined);
  return (
    <>
      {Object.entries(GROUP_TITLES).map(([name, title]) => {
        // The keys of that table are the groups.
        const group = name as ConditionGroup;
        return groups.has(group) ? (
          <optgroup key={name} label={title}>
            {options(group)}
          </optgroup>
        ) : null;
      })}
      {groups.has(undefined) && <optgroup label={texts.groupOther}>{options(undefined)}</optgroup>}
    </>
  );
}

function kindOf({ facts }: FormBody, name: string): string | undefined {
  return facts.parameters[name]?.["x-kind"];
}

function PartFields(props: {
  readonly part: RulePart;
  readonly form: FormBody;
  readonly joint: string | undefined;
  /** Just added: its value comes next. */
  readonly isNew: boolean;
  readonly onRemove: () => void;
}) {
  const { part, form, joint, isNew, onRemove } = props;
  const { facts, values, onChange, fault, isReadOnly } = form;
  const styles = useStyles();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isNew) root.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, [isNew]);
  const offer = offerPart(part);
  const fields = part.parameters.filter((name) => kindOf(form, name) !== "boolean");
  return (
    <div ref={root} className={styles.part} role="group" aria-label={offer}>
      <div className={styles.head}>
        <Text className={styles.words}>
          {joint !== undefined && `${joint} `}
          {hasPart(part, values) ? <PartSentence part={part} values={values} /> : offer}
        </Text>
        {!isReadOnly && (
          <Button
            appearance="subtle"
            size="small"
            icon={<DismissRegular />}
            aria-label={texts.takeOut(offer)}
            onClick={onRemove}
          />
        )}
      </div>
      {fields.map((name) => {
        const schema = facts.parameters[name];
        if (schema === undefined) return null;
        return (
          <ValueField
            key={name}
            name={name}
            label={labelOf(name.replace(/^ExceptIf/, ""))}
            schema={schema}
            value={values[name]}
            isReadOnly={isReadOnly}
            fault={fault?.parameter === name ? fault.message : undefined}
            onChange={(value) => onChange({ ...values, [name]: value })}
          />
        );
      })}
    </div>
  );
}
