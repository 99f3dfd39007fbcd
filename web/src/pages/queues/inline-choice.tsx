import { Label, makeStyles, Select, useId } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  root: { display: "flex", alignItems: "center", gap: "8px", maxWidth: "100%", minWidth: 0 },
  label: { whiteSpace: "nowrap" },
  select: { minWidth: 0 },
});

/** A choice in a line with others; its children are options. */
export function InlineChoice(props: {
  readonly label: string;
  /** "": none of them. */
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
  readonly children: ReactNode;
}) {
  const { label, value, onChange, children } = props;
  const styles = useStyles();
  const id = useId("choice");
  return (
    <div className={styles.root}>
      <Label htmlFor={id} className={styles.label}>
        {label}
      </Label>
      <Select
        id={id}
        className={styles.select}
        value={value}
        onChange={(_event, data) => onChange(data.value === "" ? undefined : data.value)}
      >
        {children}
      </Select>
    </div>
  );
}
