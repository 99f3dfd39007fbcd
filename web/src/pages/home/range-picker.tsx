import { Field, Input, makeStyles, Select } from "@fluentui/react-components";
import type { PageState } from "../../widgets/page-state.ts";
import {
  isoMinute,
  localMinute,
  RANGE_NAMES,
  type Range,
  type RangeName,
  rangeState,
} from "./range.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexWrap: "wrap", alignItems: "end", gap: "8px" },
});

/** Chooses the time range of the page. */
export function RangePicker(props: {
  readonly range: Range;
  readonly onChange: (change: PageState) => void;
}) {
  const { range, onChange } = props;
  const styles = useStyles();
  return (
    <div className={styles.root}>
      <Field label={texts.range}>
        <Select
          value={range.name}
          // The options are the names.
          onChange={(_event, { value }) => onChange(rangeState(value as RangeName, range))}
        >
          {RANGE_NAMES.map((name) => (
            <option key={name} value={name}>
              {texts[name]}
            </option>
          ))}
        </Select>
      </Field>
      {range.name === "own" && (
        <>
          <Moment label={texts.from} atMs={range.startMs} onChange={(from) => onChange({ from })} />
          <Moment label={texts.to} atMs={range.endMs} onChange={(to) => onChange({ to })} />
        </>
      )}
    </div>
  );
}

/** A date and time, taken once it is whole and the field is left. */
function Moment(props: {
  readonly label: string;
  readonly atMs: number;
  readonly onChange: (iso: string) => void;
}) {
  const { label, atMs, onChange } = props;
  const shown = localMinute(atMs);
  return (
    <Field label={label}>
      <Input
        key={shown}
        type="datetime-local"
        defaultValue={shown}
        onBlur={({ target: { value } }) => {
          const chosenMs = Date.parse(value);
          if (value !== shown && !Number.isNaN(chosenMs)) onChange(isoMinute(chosenMs));
        }}
      />
    </Field>
  );
}
